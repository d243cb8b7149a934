import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { placeFile } from '../../../../sidecar/verify/placeCode.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const file = { path: 'pkg/sums.py', text: 'new\r\n', encoding: 'utf8' };

/** A copy with one file, in a folder that has another beside the copy. */
async function copyOf() {
  const folder = await temporaryFolder();
  const copy = path.join(folder.path, 'copy');
  await mkdir(path.join(copy, 'pkg'), { recursive: true });
  await writeFile(path.join(copy, 'pkg', 'sums.py'), 'old\n');
  await writeFile(path.join(folder.path, 'outside.py'), 'mine\n');
  const read = (name: string): Promise<string> => readFile(path.join(folder.path, name), 'utf8');
  return { folder, copy, read, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('a file that is put into a copy', () => {
  it('takes the place of the one on disk, as a whole', async () => {
    await using at = await copyOf();
    expect(await placeFile(at.copy, file)).toMatchObject({
      path: expect.stringContaining('sums.py') as string,
    });
    expect(await at.read('copy/pkg/sums.py')).toBe('new\r\n');
  });

  it('need not be on disk, but its folder does', async () => {
    await using at = await copyOf();
    await placeFile(at.copy, { ...file, path: 'pkg/more.py' });
    expect(await at.read('copy/pkg/more.py')).toBe('new\r\n');
    expect(await placeFile(at.copy, { ...file, path: 'none/more.py' })).toHaveProperty('refusal');
    expect(await readdir(at.copy)).toEqual(['pkg']);
  });

  it('keeps the mark of its encoding, and is refused in one that is not UTF-8', async () => {
    await using at = await copyOf();
    await placeFile(at.copy, { ...file, encoding: 'utf8bom' });
    expect(await at.read('copy/pkg/sums.py')).toBe('\u{feff}new\r\n');
    expect(await placeFile(at.copy, { ...file, encoding: 'utf16le' })).toHaveProperty('refusal');
    expect(await at.read('copy/pkg/sums.py')).toBe('\u{feff}new\r\n');
  });

  it('is never written outside of the copy', async () => {
    await using at = await copyOf();
    const outside = path.join(at.folder.path, 'outside.py');
    await symlink(outside, path.join(at.copy, 'pkg', 'link.py'));
    await symlink(path.join(at.folder.path, 'later.py'), path.join(at.copy, 'pkg', 'later.py'));
    for (const name of ['../outside.py', outside, 'pkg/link.py'])
      expect(await placeFile(at.copy, { ...file, path: name }), name).toHaveProperty('refusal');
    expect(await at.read('outside.py')).toBe('mine\n');
    // A link that leads nowhere gives way to the file.
    await placeFile(at.copy, { ...file, path: 'pkg/later.py' });
    expect(await at.read('copy/pkg/later.py')).toBe('new\r\n');
    expect((await readdir(at.folder.path)).toSorted()).toEqual(['copy', 'outside.py']);
  });
});
