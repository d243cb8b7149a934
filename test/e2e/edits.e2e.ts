import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EditorSession, packageVsix } from './editorSession.ts';
import { EditWork } from './editWork.ts';

/** What is waited for takes as long as a model on two busy cores takes. */
const patience = { timeout: 120_000, interval: 200 };

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

let session: EditorSession;
let work: EditWork;

beforeAll(async () => {
  session = await EditorSession.start({
    vsix: await packageVsix(),
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

/** Whatever the model writes, these hold; where it writes nothing to apply, the document is as it was. */
describe('edits in VS Code', () => {
  it('shows what a selection would be, writes all of it as one undo step, and undoes that', async () => {
    await work.open('average.ts', 2);
    await work.editSelection('average.ts', instruction);
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
    await work.editSelection('discarded.ts', instruction);
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
    const edited = await session.readWorkspaceFile('typed.ts');
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
    const edited = await session.readWorkspaceFile('windows.ts');
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
