import type { Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { delaysOf, recordAnswer } from './answerDelays.ts';
import { packageVsix } from './editorSession.ts';
import { EditWork } from './editWork.ts';
import { EditRun } from './scripted/editRun.ts';
import { textSaying } from './scripted/saidAnswer.ts';
import { type ScriptedSession, startScriptedSession } from './scripted/scriptedSession.ts';

const patience = { timeout: 60_000, interval: 200 };

let at: ScriptedSession;
let work: EditWork;
let run: EditRun;

beforeAll(async () => {
  at = await startScriptedSession(await packageVsix());
  work = new EditWork(at.session.workbench);
  run = new EditRun(at, work);
  await at.session.workbench.statusSays(/scripted/);
});

afterAll(() => at[Symbol.asyncDispose]());

afterEach(() => run.clear());

const block = (code: string): string => `\`\`\`js\n${code}\n\`\`\`\n`;

describe('programs that race for an edit', () => {
  const text = 'exports.add = (a, b) => a - b;\n';
  const wrong = block('exports.add = (a, b) => a * b;');
  const right = block('exports.add = (a, b) => a + b;');

  const facts = (): Promise<readonly string[]> =>
    at.session.workbench.panel.locator('.program-fact').allTextContents();

  beforeAll(async () => {
    const command = `node -e "process.exit(require('./race.js').add(2, 3) === 5 ? 0 : 1)"`;
    await at.line.call('configure', { name: 'entropane.verifyCommand', value: command });
  });

  afterAll(async () => {
    await at.line.call('configure', { name: 'entropane.verifyCommand', value: null });
  });

  it('have the one that passes the test in the comparison, as the lanes say', async () => {
    const file = await run.open({ text, ending: '.js' }, { name: 'race' });
    await run.run('entropane.openTracePanel');
    await at.line.call('show', { uri: file.uri });
    await run.ask(file, [0, 0], { answer: [wrong, right, wrong, wrong] });
    expect(await run.comparisons()).toBe(1);
    await expect
      .poll(facts, patience)
      .toEqual(expect.arrayContaining(['test failed (1)', 'test passed (0)', 'chosen']));
    await run.run('entropane.acceptEdit');
    expect(await run.textOf(file)).toBe('exports.add = (a, b) => a + b;\n');
    expect((await work.messages()).filter((message) => message.includes('No program'))).toEqual([]);
  });

  it('are shown with a warning where none passes', async () => {
    const file = await run.open({ text, ending: '.js' }, { name: 'race' });
    await run.ask(file, [0, 0], { answer: [wrong] });
    await work.messageSays(/No program passed "node -e/);
    expect(await run.comparisons()).toBe(1);
    expect(await run.textOf(file)).toBe(text);
  });
});

describe('the menu of an editor', () => {
  const text = 'function twice(a) {\n  return a;\n}\n';

  it('offers to fix what is reported, and has that problem alone fixed, anywhere in its function', async () => {
    const file = await run.open({ text, ending: '.js' });
    const found = [
      { line: 1, message: textSaying(block('function twice(a) {\n  return 2 * a;\n}')) },
      { line: 0, message: textSaying(block('function other() {}')) },
    ];
    await at.line.call('report', { uri: file.uri, found });
    await at.line.call('select', { first: 1 });
    await at.line.call('take', { uri: file.uri, line: 1, title: 'Fix with Entropane' });
    await run.run('entropane.acceptEdit');
    expect(await run.textOf(file)).toBe('function twice(a) {\n  return 2 * a;\n}\n');
  });

  it('offers every edit at the cursor where it is opened by hand, and no fix where nothing is reported', async () => {
    const file = await run.open({ text, ending: '.js' });
    const offers = await at.line.call('offers', { uri: file.uri, line: 1 });
    expect(offers.toSorted()).toEqual([
      'Continue with Entropane',
      'Document with Entropane',
      'Edit with Entropane…',
      'Write Tests with Entropane',
    ]);
  });
});

/** The file says what is written: these commands take no words. */
describe('commands without words', () => {
  const saying = (answer: string): string => `// ${textSaying(answer)}\n`;

  it('document code with comments alone', async () => {
    const head = saying(block('/** Doubles it. */\nfunction twice(a) {\n  return 3 * a;\n}'));
    const code = 'function twice(a) {\n  return 2 * a;\n}\n';
    const file = await run.open({ text: `${head}\n${code}`, ending: '.js' });
    await at.line.call('select', { first: 2, last: 4 });
    await run.run('entropane.document');
    await run.run('entropane.acceptEdit');
    expect(await run.textOf(file)).toBe(`${head}\n/** Doubles it. */\n${code}`);
  });

  it('write tests at the end of the file', async () => {
    const test = "test('twice', () => {\n  expect(twice(2)).toBe(4);\n});";
    const text = `function twice(a) {\n  ${saying(block(test))}  return 2 * a;\n}\n`;
    const file = await run.open({ text, ending: '.js' });
    await at.line.call('select', { first: 0, last: 3 });
    await run.run('entropane.writeTests');
    await run.run('entropane.acceptEdit');
    expect(await run.textOf(file)).toBe(`${text}\n${test}\n`);
  });

  it('go on at the cursor', async () => {
    const text = `${saying(block('second();'))}first();\n`;
    const file = await run.open({ text, ending: '.js' });
    await at.line.call('select', { first: 2 });
    await run.run('entropane.continue');
    await run.run('entropane.acceptEdit');
    expect(await run.textOf(file)).toBe(`${text}second();`);
  });
});

describe('what was chosen in the panel', () => {
  it('goes along with an edit by a command, once', async () => {
    const text = `// ${textSaying(block('second();'))}\nfirst();\n`;
    const file = await run.open({ text, ending: '.js' });
    const { panel } = at.session.workbench;
    const chip = (verb: 'Add' | 'Remove') =>
      panel.getByRole('button', { name: new RegExp(`^${verb} .*${file.name.replace('.', '\\.')}$`) });
    const promptTokens = async (): Promise<number> => {
      const before = await at.session.traceFiles();
      await at.line.call('show', { uri: file.uri });
      await at.line.call('select', { first: 2 });
      await run.run('entropane.continue');
      await run.run('entropane.discardEdit');
      const [name] = (await at.session.traceFiles()).filter((other) => !before.includes(other));
      const [started] = name === undefined ? [] : await at.session.readTrace(name);
      return started?.type === 'request/started' ? started.promptTokenCount : NaN;
    };
    await run.run('entropane.openTracePanel');
    await at.line.call('show', { uri: file.uri });
    await chip('Add').click();
    await chip('Remove').waitFor();
    const withFile = await promptTokens();
    await at.line.call('show', { uri: file.uri });
    // The file may have been shown in its place.
    await run.run('entropane.openTracePanel');
    await chip('Add').waitFor();
    expect(withFile - (await promptTokens())).toBeGreaterThan(10);
  });
});

describe('words of an edit', () => {
  it('are in the box again where no model read them', async () => {
    await run.open({ text: 'one\n' });
    await at.line.call('select', { first: 0, last: 0 });
    await at.line.call('configure', { name: 'entropane.model', value: 'missing.gguf' });
    const { workbench } = at.session;
    void run.run('entropane.editSelection');
    await workbench.fillInput('Make it two');
    await work.messageSays(/missing\.gguf/);
    await at.line.call('configure', { name: 'entropane.model', value: 'scripted.gguf' });
    await workbench.statusSays(/scripted/);
    void run.run('entropane.editSelection');
    const input = workbench.page.locator('.quick-input-widget:visible .quick-input-box input');
    await expect.poll(() => input.inputValue(), patience).toBe('Make it two');
    await workbench.fillInput(`Make it two ${textSaying('```\ntwo\n```\n')}`);
    await expect.poll(() => run.comparisons(), patience).toBe(1);
  });
});

describe('an answer', () => {
  it('is in the panel within 100 ms of nine of ten tokens', async () => {
    const { session } = at;
    const { panel } = session.workbench;
    await run.run('entropane.openTracePanel');
    await panel.locator('.panel').waitFor();
    const before = await session.traceFiles();
    const drawn = await recordAnswer(panel);
    const words = Array.from({ length: 400 }, (_, index) => `word${index}`).join(' ');
    // It ends when the answer is there.
    const asking = run.run('entropane.ask');
    await session.workbench.fillInput(`Write it. ${textSaying(words, { pace: 'slow' })}`);
    await asking;
    await panel.locator('.panel:has(.badge-good)').filter({ hasText: 'word399' }).waitFor();
    const [name] = (await session.traceFiles()).filter((other) => !before.includes(other));
    if (name === undefined) throw new Error('The answer left no trace.');
    const delays = delaysOf(await session.readTrace(name), await drawn()).toSorted((a, b) => a - b);
    const [least = NaN, median = NaN, late = NaN] = [0, 0.5, 0.9].map(
      (share) => delays[Math.floor(share * delays.length)],
    );
    console.info(
      `Of ${delays.length} steps, half were in the panel after ${median.toFixed(0)} ms, nine of ten after ${late.toFixed(0)} ms.`,
    );
    expect(delays.length).toBeGreaterThan(100);
    expect(least).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(100);
  });
});

describe('code of an answer', () => {
  const button = (name: string): Locator =>
    at.session.workbench.panel.getByRole('button', { name, exact: true });
  const ask = async (answer: string): Promise<void> => {
    void run.run('entropane.ask');
    await at.session.workbench.fillInput(`Write it. ${textSaying(answer)}`);
    await button('Apply').waitFor();
  };
  const press = (name: string): Promise<void> => button(name).click();

  it('is inserted at the cursor as one undo step, with the line ends of the file', async () => {
    const file = await run.open({ text: 'one\r\ntwo\r\n' });
    await at.line.call('select', { first: 1 });
    await ask(block('a\nb'));
    await press('Insert at Cursor');
    await expect.poll(() => run.textOf(file), patience).toMatch(/^one\r\na\r\nb/u);
    const { undone } = await run.undoAndRedo(file, 1);
    expect(undone).toEqual(['one\r\ntwo\r\n']);
  });

  it('is applied to the lines that were asked about, also where the file has them twice', async () => {
    const file = await run.open({ text: 'two\none\ntwo\nthree\n' });
    await at.line.call('select', { first: 2, last: 2 });
    await ask(block('TWO'));
    await at.line.call('show', { uri: file.uri });
    await at.line.call('type', { uri: file.uri, typed: [[0, 0, 0, 0, 'zero\n']] });
    await at.line.call('select', { first: 0 });
    await press('Apply');
    await expect.poll(() => run.comparisons(), patience).toBe(1);
    expect(await run.textOf(file)).toBe('zero\ntwo\none\ntwo\nthree\n');
    await run.run('entropane.acceptEdit');
    expect(await run.textOf(file)).toBe('zero\ntwo\none\nTWO\nthree\n');
  });

  it('is refused where the lines that were asked about were changed', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    await at.line.call('select', { first: 1, last: 1 });
    await ask(block('TWO'));
    await at.line.call('show', { uri: file.uri });
    await at.line.call('type', { uri: file.uri, typed: [[1, 0, 1, 3, '2']] });
    await at.line.call('select', { first: 0 });
    await press('Apply');
    await work.messageSays(/The code that you asked about is not in .* any more/);
    expect(await run.textOf(file)).toBe('one\n2\n');
  });

  it('is not written to a document that is read-only', async () => {
    const file = await run.open({ text: 'one\n' });
    await ask(block('a'));
    await at.line.call('show', { uri: file.uri });
    await run.run('workbench.action.files.setActiveEditorReadonlyInSession');
    await press('Insert at Cursor');
    await work.messageSays(/does not take the code: it is read-only/);
    expect(await run.textOf(file)).toBe('one\n');
    await at.line.call('show', { uri: file.uri });
    await run.run('workbench.action.files.resetActiveEditorReadonlyInSession');
  });
});
