import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { placeCode } from '../../../../sidecar/verify/placeCode.ts';
import { copyWorkspace } from '../../../../sidecar/verify/workspaceCopy.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const ample = { fileCount: 100, bytes: 10_000 };

/** Writes files by path, with their folders. */
async function fill(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

describe('copyWorkspace', () => {
  test('links each installed package, so that tools have a folder of their own beside them', async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path, {
      'node_modules/x/index.js': 'x',
      'node_modules/@scope/y/index.js': 'y',
      'node_modules/.bin/x': 'bin',
      'node_modules/.cache/old': 'cached',
      'node_modules/.package-lock.json': '{}',
      'packages/z/index.js': 'z',
      '.venv/pyvenv.cfg': 'home',
    });
    const modules = path.join(folder.path, 'node_modules');
    await symlink('../packages/z', path.join(modules, 'z'));
    await symlink('../../packages/z', path.join(modules, '@scope/z'));
    const copy = await copyWorkspace(folder.path, ample, unhurried);
    if (copy === null) throw new Error('It is small enough.');
    const inCopy = (place: string): string => path.join(copy.path, 'node_modules', place);
    expect(await readlink(inCopy('x'))).toBe(path.join(modules, 'x'));
    expect(await readlink(inCopy('@scope/y'))).toBe(path.join(modules, '@scope/y'));
    expect(await readFile(inCopy('.bin/x'), 'utf8')).toBe('bin');
    expect([...copy.packageFolders].sort()).toEqual([path.join(folder.path, '.venv'), modules]);
    // A package of the workspace itself is the copy's, with the candidate's code in it.
    await writeFile(path.join(copy.path, 'packages/z/index.js'), 'changed');
    expect(await readFile(inCopy('z/index.js'), 'utf8')).toBe('changed');
    expect(await readFile(inCopy('@scope/z/index.js'), 'utf8')).toBe('changed');
    // What a tool writes stays here.
    await mkdir(inCopy('.cache'));
    await writeFile(inCopy('.cache/new'), '');
    await writeFile(inCopy('.package-lock.json'), 'changed');
    expect(await readdir(path.join(modules, '.cache'))).toEqual(['old']);
    expect(await readFile(path.join(modules, '.package-lock.json'), 'utf8')).toBe('{}');
    await copy.dispose();
    expect(existsSync(path.join(modules, 'x/index.js'))).toBe(true);
  });

  test('copies files and folders, leaves history out and links installed packages', async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path, {
      'a.py': 'a',
      'deep/er/b.py': 'b',
      '.git/HEAD': 'ref',
      'node_modules/x/index.js': 'x',
      'deep/node_modules/y.js': 'y',
    });
    await symlink('a.py', path.join(folder.path, 'link.py'));
    const copy = await copyWorkspace(folder.path, ample, unhurried);
    if (copy === null) throw new Error('It is small enough.');
    expect((await readdir(copy.path)).sort()).toEqual(['a.py', 'deep', 'link.py', 'node_modules']);
    expect(await readFile(path.join(copy.path, 'deep/er/b.py'), 'utf8')).toBe('b');
    expect(await readlink(path.join(copy.path, 'link.py'))).toBe('a.py');
    await writeFile(path.join(copy.path, 'a.py'), 'changed');
    expect(await readFile(path.join(folder.path, 'a.py'), 'utf8')).toBe('a');
    await copy.dispose();
    expect(existsSync(copy.path)).toBe(false);
    expect(existsSync(path.join(folder.path, 'node_modules/x/index.js'))).toBe(true);
  });

  test('turns links within the folder into links within the copy, and lets those that lead out lead there', async () => {
    await using outer = await temporaryFolder();
    const folder = path.join(outer.path, 'workspace');
    await fill(outer.path, { 'outside.py': 'out', 'workspace/a.py': 'a', 'workspace/deep/b.py': 'b' });
    await symlink(path.join(folder, 'a.py'), path.join(folder, 'deep/absolute'));
    await symlink('../a.py', path.join(folder, 'deep/relative'));
    await symlink('../../outside.py', path.join(folder, 'deep/outside'));
    await symlink(folder, path.join(outer.path, 'alias'));
    await symlink(path.join(outer.path, 'alias/a.py'), path.join(folder, 'aliased'));
    const copy = await copyWorkspace(path.join(outer.path, 'alias'), ample, unhurried);
    if (copy === null) throw new Error('It is small enough.');
    for (const link of ['deep/absolute', 'deep/relative', 'aliased'])
      await writeFile(path.join(copy.path, link), link);
    expect(await readFile(path.join(folder, 'a.py'), 'utf8')).toBe('a');
    expect(await readFile(path.join(copy.path, 'a.py'), 'utf8')).toBe('aliased');
    expect(await readFile(path.join(copy.path, 'deep/outside'), 'utf8')).toBe('out');
    await copy.dispose();
  });

  test.each([
    ['too many files', { fileCount: 2, bytes: 10_000 }],
    ['too many bytes', { fileCount: 100, bytes: 5 }],
  ])('gives up on %s', async (_, limits) => {
    await using folder = await temporaryFolder();
    await fill(folder.path, { 'a/1': 'aaa', 'a/2': 'bbb', '3': 'ccc' });
    expect(await copyWorkspace(folder.path, limits, unhurried)).toBeNull();
  });

  test('stops when aborted, and throws where there is no folder', async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path, { '1': '' });
    await expect(copyWorkspace(folder.path, ample, AbortSignal.abort())).rejects.toThrow();
    await expect(copyWorkspace(path.join(folder.path, 'no'), ample, unhurried)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});

// Modes do not bind root, whose run shows only that nothing else is in the way.
test('removes what a command has made unwritable', async () => {
  await using folder = await temporaryFolder();
  await fill(folder.path, { 'deep/er/a.py': 'a' });
  const copy = await copyWorkspace(folder.path, ample, unhurried);
  if (copy === null) throw new Error('It is small enough.');
  await chmod(path.join(copy.path, 'deep/er'), 0o555);
  await chmod(path.join(copy.path, 'deep'), 0o555);
  await copy.dispose();
  expect(existsSync(copy.path)).toBe(false);
});

describe('placeCode', () => {
  const code = { text: 'def add(a, b):\n    return "$&" + a', languageId: 'python' };
  const about = (text: string, file = 'src/add.py') => ({ languageId: 'python', path: file, text });

  test('puts code in place of what the question was about, line end and dollar signs as they were', async () => {
    await using folder = await temporaryFolder();
    await fill(folder.path, { 'src/add.py': 'import x\ndef add(a):\n    pass\n\n\nadd(1)\n' });
    const attachment = about('def add(a):\n    pass\n\n');
    expect(await placeCode(folder.path, code, attachment)).toMatchObject({
      path: expect.stringContaining('add.py') as string,
    });
    expect(await readFile(path.join(folder.path, 'src/add.py'), 'utf8')).toBe(
      `import x\n${code.text}\n\n\nadd(1)\n`,
    );
  });

  test('makes a file of its own where the question was about none', async () => {
    await using folder = await temporaryFolder();
    const placed = await placeCode(folder.path, code, null);
    expect(placed).toEqual({ path: path.join(folder.path, 'entropane-candidate.py') });
    expect(await readFile(path.join(folder.path, 'entropane-candidate.py'), 'utf8')).toBe(`${code.text}\n`);
  });

  test('makes it in place of a link, and leaves what that leads to', async () => {
    await using outer = await temporaryFolder();
    const folder = path.join(outer.path, 'workspace');
    await fill(outer.path, { 'outside.py': 'x', 'workspace/a.py': 'a' });
    await symlink('../outside.py', path.join(folder, 'entropane-candidate.py'));
    await placeCode(folder, code, null);
    expect(await readFile(path.join(outer.path, 'outside.py'), 'utf8')).toBe('x');
    expect(await readFile(path.join(folder, 'entropane-candidate.py'), 'utf8')).toBe(`${code.text}\n`);
  });

  test.each([
    ['is not there', about('x', 'other.py'), /not in the workspace/u],
    ['has other text', about('def sub(a)'), /as it is on disk/u],
    ['has the text twice', about('pass'), /more than once/u],
    ['has no text', about(''), /as it is on disk/u],
    ['is outside', about('x', '../outside.py'), /workspace/u],
    ['is absolute', about('x', '/etc/hostname'), /workspace/u],
    ['is a link that leads outside', about('x', 'src/link.py'), /outside the workspace/u],
  ])('refuses a file that %s, and changes nothing', async (_, attachment, reason) => {
    await using outer = await temporaryFolder();
    const folder = path.join(outer.path, 'workspace');
    await fill(outer.path, { 'outside.py': 'x', 'workspace/src/add.py': 'pass\npass\n' });
    await symlink('../../outside.py', path.join(folder, 'src/link.py'));
    const placed = await placeCode(folder, code, attachment);
    expect('refusal' in placed ? placed.refusal : '').toMatch(reason);
    expect(await readFile(path.join(outer.path, 'outside.py'), 'utf8')).toBe('x');
    expect(await readFile(path.join(folder, 'src/add.py'), 'utf8')).toBe('pass\npass\n');
  });
});
