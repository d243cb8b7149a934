import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EditorSession, packageVsix } from './editorSession.ts';
import { EditWork } from './editWork.ts';
import { editCases } from './scripted/editCases.ts';
import { type EditedFile, EditRun } from './scripted/editRun.ts';
import { textSaying } from './scripted/saidAnswer.ts';
import { type ScriptedSession, startScriptedSession } from './scripted/scriptedSession.ts';

/** What is waited for takes as long as a model on two busy cores takes. */
const patience = { timeout: 180_000, interval: 200 };

const source = [
  'export function average(values: number[]): number {',
  '  let sum = 0;',
  '  for (const value of values) sum += value;',
  '  return sum / values.length;',
  '}',
  '',
  'export function largest(values: number[]): number {',
  '  return Math.max(...values);',
  '}',
  '',
].join('\n');

const broken = ['export function label(count: number): string {', '  return `${cuont} items`;', '}', ''].join(
  '\n',
);

/** One that the small model follows. */
const instruction = 'Rename the variable sum to total';

const vsix = packageVsix();

/** Whatever the model writes, these hold; where it writes nothing to apply, the document is as it was. */
describe('edits in VS Code', () => {
  let session: EditorSession;
  let work: EditWork;

  beforeAll(async () => {
    session = await EditorSession.start({
      vsix: await vsix,
      models: 'machine',
      settings: { 'entropane.completions.enabled': false },
      files: {
        'average.ts': source,
        'discarded.ts': source,
        'typed.ts': source,
        'locked.ts': source,
        'windows.ts': source.replaceAll('\n', '\r\n'),
        'broken.ts': broken,
        'long.txt': 'a line\n'.repeat(5_000),
      },
    });
    work = new EditWork(session.workbench);
    await session.workbench.statusSays(/^\s*qwen2\.5-coder-0\.5b$/);
  });

  afterAll(() => session[Symbol.asyncDispose]());

  it('is refused until the user insists, then shows what a selection would be, writes all of it as one undo step, and undoes that', async () => {
    await work.open('average.ts', 2);
    expect(await work.editSelection('average.ts', instruction)).toBe(true);
    expect(await session.readWorkspaceFile('average.ts')).toBe(source);
    await work.press('Control+Enter');
    await work.messageSays(/applied to average\.ts/);
    // The other function is not in the range. A file that is being saved is empty for a moment, so it is read until it has both.
    const rest = source.slice(source.indexOf('export function largest'));
    const isEdited = (text: string) => text !== source && text.endsWith(rest);
    await expect.poll(async () => isEdited(await work.savedText(session, 'average.ts')), patience).toBe(true);
    await work.press('Control+Z');
    await expect.poll(() => work.savedText(session, 'average.ts'), patience).toBe(source);
  });

  it('leaves a document untouched when its edit is discarded', async () => {
    await work.open('discarded.ts', 2);
    expect(await work.editSelection('discarded.ts', instruction)).toBe(false);
    await work.press('Control+Backspace');
    await work.comparison('discarded.ts').waitFor({ state: 'detached' });
    expect(await work.savedText(session, 'discarded.ts')).toBe(source);
  });

  it('fixes what the editor reports by the light bulb, and takes that back', async () => {
    await work.open('broken.ts', 2);
    await work.fixByLightBulb();
    await work.offered('broken.ts');
    await work.press('Control+Enter');
    await work.messageSays(/applied to broken\.ts/);
    await expect.poll(() => work.savedText(session, 'broken.ts'), patience).not.toBe(broken);
    await session.workbench.runCommand('Entropane: Take Back Edit');
    await expect.poll(() => work.savedText(session, 'broken.ts'), patience).toBe(broken);
  });

  it('puts an edit where its lines are after others were typed above', async () => {
    await work.open('typed.ts', 2);
    await work.editSelection('typed.ts', instruction);
    await work.document('typed.ts').click();
    await work.press('Control+Home');
    await session.workbench.page.keyboard.type('// A note.\n');
    await work.comparison('typed.ts').click();
    await session.workbench.runCommand('Entropane: Accept Edit');
    await work.messageSays(/applied to typed\.ts/);
    await expect.poll(() => work.savedText(session, 'typed.ts'), patience).toMatch(/^\/\/ A note\.\n/u);
    const edited = await work.savedText(session, 'typed.ts');
    expect(edited).not.toBe(`// A note.\n${source}`);
    const rest = source.slice(source.indexOf('export function largest'));
    expect(edited.slice(-rest.length)).toBe(rest);
  });

  it('writes the change at the cursor alone, with the line ends of Windows', async () => {
    await work.open('windows.ts', 2);
    await work.editSelection('windows.ts', instruction);
    await work.press('Alt+Enter');
    await work.messageSays(/1 change applied to windows\.ts/);
    const before = source.replaceAll('\n', '\r\n');
    await expect.poll(() => work.savedText(session, 'windows.ts'), patience).not.toBe(before);
    const edited = await work.savedText(session, 'windows.ts');
    expect(edited).not.toMatch(/(?<!\r)\n/u);
  });

  it('writes nothing to a document that became read-only', async () => {
    await work.open('locked.ts', 2);
    await work.editSelection('locked.ts', instruction);
    await work.document('locked.ts').click();
    await session.workbench.runCommand('File: Set Active Editor Read-only in Session');
    await work.comparison('locked.ts').click();
    await session.workbench.runCommand('Entropane: Accept Edit');
    await work.messageSays(/locked\.ts cannot be written to/);
    expect(await session.readWorkspaceFile('locked.ts')).toBe(source);
    await session.workbench.runCommand('Entropane: Discard Edit');
  });

  it('refuses 5,000 lines before a model is asked', async () => {
    const traces = (await session.traceFiles()).length;
    await work.open('long.txt', 1);
    await work.press('Control+A');
    await session.workbench.runCommand('Entropane: Edit Selection…');
    await work.messageSays(/5,000 lines are too many for one edit/);
    expect(await session.traceFiles()).toHaveLength(traces);
  });

  it('fills the box of the source control view', async () => {
    // One small file is described.
    await session.writeWorkspaceFile('.gitignore', '*\n!average.ts\n');
    await work.initialiseRepository();
    await session.workbench.runCommand('Git: Stage All Changes');
    await work.press('Control+Shift+G');
    await session.workbench.page.getByRole('button', { name: /^Write Commit Message/ }).click();
    await expect.poll(() => work.commitMessage(), patience).not.toBe('');
  });
});

/** What the model answers is said by the test, so that the document in the end is known to the character. */
describe('scripted edits in VS Code', () => {
  let at: ScriptedSession;
  let work: EditWork;
  let run: EditRun;

  beforeAll(async () => {
    at = await startScriptedSession(await vsix);
    work = new EditWork(at.session.workbench);
    run = new EditRun(at, work);
    await at.session.workbench.statusSays(/scripted/);
  });

  afterAll(() => at[Symbol.asyncDispose]());

  afterEach(() => run.clear());

  it('are at least thirty', () => {
    expect(editCases.length).toBeGreaterThanOrEqual(30);
  });

  it.each(editCases)('$name', async (edit) => {
    const { states, undone, redone, unsaved, saved } = await run.play(edit);
    const [before, ...after] = states;
    expect(after.at(-1)).toBe(typeof edit.expected === 'string' ? edit.expected : before);
    const otherEnds = edit.text.includes('\r\n') ? /(?<!\r)\n|\r(?!\n)/u : /\r/u;
    expect(after.at(-1)).not.toMatch(otherEnds);
    expect(await run.comparisons()).toBe(0);
    if (typeof edit.expected !== 'string') return;
    // Each accept is one step, and nothing is saved by itself.
    expect(undone).toEqual(states.slice(0, -1).toReversed());
    expect(redone).toEqual(after);
    if (edit.isUntitled !== true) expect([unsaved, saved]).toEqual([edit.text, edit.expected]);
  });

  it('have their formatter asked, also one that throws', async () => {
    const before = await at.line.call('thrown', null);
    const file = await run.open({ text: 'one\n', ending: '.throws' });
    await run.ask(file, [0, 0], { answer: '```\nONE\n```\n' });
    await run.run('entropane.acceptEdit');
    expect(await run.textOf(file)).toBe('ONE\n');
    expect(await at.line.call('thrown', null)).toBeGreaterThan(before);
  });

  it('go to the root that the document is of, where another has a file of the same name', async () => {
    const text = 'one\ntwo\n';
    const first = await run.open({ text }, { name: 'same' });
    const second = await run.open({ text }, { name: 'same', root: 'other' });
    await run.ask(second, [0, 0], { answer: '```\nONE\n```\n' });
    await run.run('entropane.acceptEdit');
    expect([await run.textOf(first), await run.textOf(second)]).toEqual([text, 'ONE\ntwo\n']);
  });

  it('of two documents side by side do not mix', async () => {
    const text = 'one\ntwo\n';
    const left = await run.open({ text });
    const right = await run.open({ text }, { isBeside: true });
    await run.ask(right, [1, 1], { answer: '```\nRIGHT\n```\n' });
    await at.line.call('show', { uri: left.uri });
    await run.ask(left, [0, 0], { answer: '```\nLEFT\n```\n' });
    for (const { uri } of [right, left]) {
      await at.line.call('show', { uri });
      await run.run('entropane.acceptEdit');
    }
    expect([await run.textOf(left), await run.textOf(right)]).toEqual(['LEFT\ntwo\n', 'one\nRIGHT\n']);
  });

  it('are shown line by line while the model writes', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    const lines = Array.from({ length: 60 }, (_, index) => `line ${index}`);
    const message = textSaying(`\`\`\`\n${lines.join('\n')}\n\`\`\`\n`, { pace: 'slow' });
    await at.line.call('select', { first: 0, last: 0 });
    await at.line.call('report', { uri: file.uri, found: [{ line: 0, message }] });
    const shown = async (): Promise<string> => {
      const { uri } = await at.line.call('place', null);
      return uri?.startsWith('entropane-edit:') === true ? at.line.call('read', { uri }) : '';
    };
    const asking = run.run('entropane.fix');
    await expect.poll(shown, patience).toMatch(/^line 0\nline 1\n(?:line \d+\n)*two\n$/u);
    expect(await shown()).not.toContain('line 59');
    await asking;
    expect(await shown()).toBe([...lines, 'two', ''].join('\n'));
    expect(await run.textOf(file)).toBe('one\ntwo\n');
  });

  it('leave a document as it was whose tabs are closed while the model writes', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    await at.line.call('select', { first: 0, last: 0 });
    const held = at.line.whenHeld();
    const message = textSaying('```\nONE\n```\n', { pace: 'held' });
    await at.line.call('report', { uri: file.uri, found: [{ line: 0, message }] });
    const asking = run.run('entropane.fix');
    await held;
    await expect.poll(() => run.comparisons(), patience).toBe(1);
    await run.run('workbench.action.closeAllEditors');
    await at.line.letWrite();
    await asking;
    expect(await run.comparisons()).toBe(0);
    expect(await at.session.readWorkspaceFile(file.name)).toBe('one\ntwo\n');
    await at.line.call('open', { path: at.session.pathOf(`workspace/${file.name}`) });
    expect(await run.textOf(file)).toBe('one\ntwo\n');
  });

  it('go into a document whose own tab was closed meanwhile', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    await run.ask(file, [0, 0], { answer: '```\nONE\n```\n' });
    await at.line.call('show', { uri: file.uri });
    await run.run('workbench.action.closeActiveEditor');
    await run.run('entropane.acceptEdit');
    expect(await run.textOf(file)).toBe('ONE\ntwo\n');
  });

  it('are refused by a document that became read-only, which stays as it was', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    await run.ask(file, [0, 0], { answer: '```\nONE\n```\n' });
    await at.line.call('show', { uri: file.uri });
    await run.run('workbench.action.files.setActiveEditorReadonlyInSession');
    await run.run('entropane.acceptEdit');
    await work.messageSays(/cannot be written to: it is read-only/);
    expect(await run.textOf(file)).toBe('one\ntwo\n');
    await run.run('entropane.discardEdit');
    await at.line.call('show', { uri: file.uri });
    await run.run('workbench.action.files.resetActiveEditorReadonlyInSession');
  });

  it('count as applied where a key is pressed in that moment', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    await run.ask(file, [0, 0], { answer: '```\nONE\n```\n' });
    await at.line.call('acceptAndType', { uri: file.uri, typed: [1, 3, 1, 3, '!'] });
    expect(await run.textOf(file)).toBe('ONE\ntwo!\n');
    await work.messageSays(/1 change applied to /);
  });

  it('are taken back by the message that names the errors that they brought', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    const known = { line: 1, message: 'An error of before.' };
    await run.ask(file, [0, 0], { answer: '```\nONE\nONE\n```\n' });
    await at.line.call('report', { uri: file.uri, found: [known] });
    await run.run('entropane.acceptEdit');
    await work.messageSays(/1 change applied to /);
    const moved = { ...known, line: 2 };
    await at.line.call('report', {
      uri: file.uri,
      found: [moved, { line: 1, message: 'It is there twice.' }],
    });
    await work.messageSays(/has a new error since the edit, in line 2: It is there twice\./);
    await work.takeBack(/has a new error since the edit/);
    await expect.poll(() => run.textOf(file), patience).toBe('one\ntwo\n');
  });

  it('bring no second message where no error is new, or where what was typed since may have brought it', async () => {
    const known = { line: 0, message: 'An error of before.' };
    const edited = async (): Promise<EditedFile> => {
      const file = await run.open({ text: 'one\ntwo\n' });
      await run.ask(file, [0, 0], { answer: '```\nONE\n```\n' });
      await at.line.call('report', { uri: file.uri, found: [known] });
      await run.run('entropane.acceptEdit');
      return file;
    };
    const [same, typed, worse] = [await edited(), await edited(), await edited()];
    await at.line.call('type', { uri: typed.uri, typed: [[1, 3, 1, 3, '!']] });
    for (const { uri } of [typed, worse])
      await at.line.call('report', { uri, found: [known, { line: 1, message: 'Another.' }] });
    await at.line.call('report', { uri: same.uri, found: [{ ...known, line: 1 }] });
    // The last of the three would be the last to be said.
    await work.messageSays(/a new error since the edit/);
    const said = (await work.messages()).filter((message) => message.includes('new error'));
    expect(said).toEqual([expect.stringContaining(worse.name)]);
  });

  it('show what goes along in the box that asks for them, to be left out', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    const problems = [{ line: 0, message: textSaying('```\nONE\n```\n') }];
    await at.line.call('report', { uri: file.uri, found: problems });
    await at.line.call('select', { first: 0, last: 0 });
    void run.run('entropane.editSelection');
    const rows = at.session.workbench.listRow('Leave it out.');
    await rows.filter({ hasText: '1 problem' }).waitFor();
    await rows.filter({ hasText: '1 problem' }).click();
    await at.session.workbench.listRow('Add it.').filter({ hasText: '1 problem' }).waitFor();
    // The problem says what to write: without it the model writes nothing.
    await at.session.workbench.fillInput('Change it');
    await work.messageSays(/The model wrote no code\./);
    expect(await run.textOf(file)).toBe('one\ntwo\n');
  });

  it('say in that box what may change, also once something was typed beside it', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    await at.line.call('select', { first: 0, last: 0 });
    const asking = run.run('entropane.editSelection');
    const { workbench } = at.session;
    await workbench.listRow(`May change line 1 of ${file.name}.`).waitFor();
    await at.line.call('type', { uri: file.uri, typed: [[0, 0, 0, 0, 'new\n']] });
    await at.line.call('select', { first: 1, last: 2 });
    await workbench.listRow(`May change lines 2 to 3 of ${file.name}.`).waitFor();
    await workbench.fillInput(textSaying('```\nONE\nTWO\n```\n'));
    await asking;
    await run.run('entropane.acceptEdit');
    await expect.poll(() => run.textOf(file), patience).toBe('new\nONE\nTWO\n');
  });

  it('are asked in the box of the trace panel as well, about what is selected in the editor', async () => {
    const file = await run.open({ text: 'one\ntwo\n' });
    await at.line.call('select', { first: 1, last: 1 });
    await run.run('entropane.openTracePanel');
    const { panel } = at.session.workbench;
    await panel.getByText('Edit', { exact: true }).click();
    await panel.getByText(`May change line 2 of ${file.name}.`).waitFor();
    const field = panel.getByRole('textbox', { name: 'Instruction' });
    await field.fill(`Change it. ${textSaying('```\nTWO\n```\n')}`);
    await field.press('Enter');
    await expect.poll(() => run.comparisons(), patience).toBe(1);
    expect(await field.inputValue()).toBe('');
    const accepted = async (): Promise<string> => {
      await run.run('entropane.acceptEdit');
      return run.textOf(file);
    };
    await expect.poll(accepted, patience).toBe('one\nTWO\n');
  });
});
