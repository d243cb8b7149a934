import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageVsix } from './editorSession.ts';
import { EditWork } from './editWork.ts';
import { type EditedFile, EditRun } from './scripted/editRun.ts';
import { textSaying } from './scripted/saidAnswer.ts';
import { type ScriptedSession, startScriptedSession } from './scripted/scriptedSession.ts';

const patience = { timeout: 20_000, interval: 100 };
/** Parts of other files are read 1.5 s after a request, unless another comes. */
const rests = { timeout: 20_000, interval: 2_500 };

let at: ScriptedSession;
let run: EditRun;

beforeAll(async () => {
  at = await startScriptedSession(await packageVsix());
  run = new EditRun(at, new EditWork(at.session.workbench));
  await at.session.workbench.statusSays(/scripted/);
});

afterAll(() => at[Symbol.asyncDispose]());

afterEach(() => run.clear());

/** Opens a text with the cursor at its `|`, where the model writes what it is said to; that begins with what is before the cursor. */
async function openAt(marked: string, said: string): Promise<EditedFile> {
  const [before = '', after = ''] = marked.split('|');
  const start = `// ${said}\n${before}`;
  const file = await run.open({ text: start + after, ending: '.ts' });
  const lines = start.split('\n');
  await at.session.workbench.openFile(file.name, lines.length, (lines.at(-1) ?? '').length + 1);
  return file;
}

/** The document without the line that says what the model writes. */
async function textOf(file: EditedFile): Promise<string> {
  return (await run.textOf(file)).split('\n').slice(1).join('\n');
}

/** Completions that were cancelled so far. */
async function cancelledCount(): Promise<number> {
  return (await at.session.server.extensionLog()).split('completion suppressed: cancelled').length - 1;
}

async function press(key: string): Promise<void> {
  await at.session.workbench.page.keyboard.press(key);
}

describe('ghost text in place of the rest of a line', () => {
  it.each([
    ['ends the line once it is accepted', 'foo(|);\n', '(a, b);\n', 'foo(a, b);|\n'],
    [
      'may have that rest with more between',
      'function f(|) {\n}\n',
      '(a): boolean {\n',
      'function f(a): boolean {|\n}\n',
    ],
    ['may have more after it', 'foo(|);\n', '(a).then(b);\n', 'foo(a).then(b);|\n'],
  ])('%s', async (_what, marked, written, expected) => {
    const file = await openAt(marked, textSaying(written));
    await run.run('entropane.triggerCompletion');
    await at.session.workbench.readGhostText();
    await press('Tab');
    await expect.poll(() => textOf(file), patience).toBe(expected.replace('|', ''));
    await at.session.workbench.page.keyboard.type('@');
    await expect.poll(() => textOf(file), patience).toBe(expected.replace('|', '@'));
  });
});

describe('ghost text', () => {
  it('is followed by its alternatives, which are other texts', async () => {
    const file = await openAt('foo(|);\n', textSaying(['(first);\n', '(second);\n', '(third);\n']));
    await run.run('entropane.triggerCompletion');
    const { workbench } = at.session;
    expect(await workbench.readGhostText()).toBe('first');
    await press('Alt+]');
    await expect.poll(() => workbench.readGhostText(), patience).not.toBe('first');
    const second = await workbench.readGhostText();
    await press('Tab');
    await expect.poll(() => textOf(file), patience).toBe(`foo(${second});\n`);
    expect(['second', 'third']).toContain(second);
  });

  it('does not come after somebody who has left while it was written', async () => {
    const shown = await at.session.workbench.recordGhostText();
    await openAt('\n\n\nfoo(|);\n', textSaying('(late);\n', { pace: 'held' }));
    const before = await cancelledCount();
    const held = at.line.whenHeld();
    const asking = run.run('entropane.triggerCompletion');
    await held;
    await press('ArrowUp');
    await press('ArrowUp');
    await expect.poll(cancelledCount, patience).toBe(before + 1);
    await at.line.letWrite();
    await asking;
    // What comes next is drawn, so the other would have been.
    await openAt('foo(|);\n', textSaying('(next);\n'));
    await run.run('entropane.triggerCompletion');
    await expect.poll(async () => (await shown()).at(-1), patience).toBe('next');
    expect((await shown()).filter((text) => text.includes('late'))).toEqual([]);
  });

  it('replaces nothing where there are several cursors, and is inserted at each', async () => {
    const file = await openAt('foo(|);\nbar(1);\n', textSaying('(a) + b;\n'));
    await run.run('editor.action.insertCursorBelow');
    await run.run('entropane.triggerCompletion');
    expect(await at.session.workbench.readGhostText()).toBe('a');
    await press('Tab');
    await expect.poll(() => textOf(file), patience).toBe('foo(a);\nbar(a1);\n');
    await at.session.workbench.page.keyboard.type('@');
    await expect.poll(() => textOf(file), patience).toBe('foo(a@);\nbar(a@1);\n');
  });
});

describe('what was copied in another file', () => {
  afterAll(() => switchTo(null));

  async function switchTo(value: true | null): Promise<void> {
    for (const name of ['entropane.completions.enabled', 'entropane.completionOtherFiles'])
      await at.line.call('configure', { name, value });
  }

  it('is read before a completion', async () => {
    const part = `export const priceOfOrder = 1; // ${textSaying('(priceOfOrder);\n')}\n`;
    const { workbench } = at.session;
    const other = await run.open({ text: part + 'let other;\n'.repeat(300), ending: '.ts' });
    // Its beginning is out of sight when parts begin to be offered.
    await workbench.openFile(other.name, 301, 1);
    await switchTo(true);
    const file = await openAt('foo(|); // priceOfOrder\n', '');
    const shown = await workbench.recordGhostText();
    await expect
      .poll(async () => {
        await at.line.call('show', { uri: other.uri });
        await press('Control+A');
        await press('Control+C');
        await at.line.call('show', { uri: file.uri });
        await run.run('entropane.triggerCompletion');
        return (await shown()).includes('priceOfOrder');
      }, rests)
      .toBe(true);
    await press('Tab');
    await expect.poll(() => textOf(file), patience).toBe('foo(priceOfOrder); // priceOfOrder\n');
  });
});
