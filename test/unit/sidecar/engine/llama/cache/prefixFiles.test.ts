import { readdir, readFile, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PrefixFiles } from '../../../../../../sidecar/engine/llama/cache/prefixFiles.ts';
import { temporaryFolder } from '../../../../../support/machine/temporaryFolder.ts';

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

let folder: Folder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const open = (key = 'model', budgetBytes = 1000): Promise<PrefixFiles> =>
  PrefixFiles.open({ folder: folder.path, key, budgetBytes, date: () => new Date() });

const state = (fill: number, bytes = 100): Uint8Array => new Uint8Array(bytes).fill(fill);

/** The only folder of the only key, and the files in it. */
async function filesOnDisk(): Promise<readonly string[]> {
  const [own = ''] = await readdir(folder.path);
  const names = await readdir(path.join(folder.path, own));
  return names.map((name) => path.join(folder.path, own, name));
}

function read(files: PrefixFiles, tokens: readonly number[], from = 0): readonly (Uint8Array | null)[] {
  return files.parts(tokens, from).map((part) => files.read(part));
}

describe('PrefixFiles', () => {
  it('gives back what was kept, also to who opens the folder anew', async () => {
    const files = await open();
    files.keep([1, 2, 3], 0, state(7));
    files.keep([1, 2, 3, 4, 5], 3, state(8));
    await files.settled();
    for (const one of [files, await open()]) {
      expect(read(one, [1, 2, 3, 4, 9])).toEqual([state(7), state(8)]);
      expect(one.bytes).toBe(200);
    }
  });

  it('shows nothing to another model, nor to another user', async () => {
    const files = await open();
    files.keep([1, 2, 3], 0, state(7));
    await files.settled();
    expect((await open('another model')).parts([1, 2, 3], 0)).toEqual([]);
    const [file = ''] = (await filesOnDisk()).filter((name) => name.endsWith('.prefix'));
    if (process.platform === 'win32') return;
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  });

  it('removes the least recently used for its budget', async () => {
    const files = await open('model', 250);
    for (const token of [1, 2, 3]) {
      files.keep([token, token], 0, state(token));
      await files.settled();
    }
    expect(read(files, [1, 1])).toEqual([]);
    expect(read(files, [3, 3])).toEqual([state(3)]);
    expect(await filesOnDisk()).toHaveLength(2);
  });

  it.each<[string, (file: string) => Promise<void>]>([
    ['cut short', (file) => truncate(file, 60)],
    ['empty', (file) => truncate(file, 0)],
    ['of another kind', (file) => writeFile(file, 'hello')],
    [
      'left half written by somebody who died',
      async (file) => {
        await writeFile(`${file}.x.part`, 'x');
        await utimes(`${file}.x.part`, new Date(0), new Date(0));
      },
    ],
  ])('removes a file that is %s', async (_what, damage) => {
    const files = await open();
    files.keep([1, 2, 3], 0, state(7));
    await files.settled();
    const [file = ''] = await filesOnDisk();
    await damage(file);
    const again = await open();
    const isOwn = again.parts([1, 2, 3], 0).length > 0;
    expect(await filesOnDisk()).toHaveLength(isOwn ? 1 : 0);
  });

  it('leaves alone what another window is writing, and passes over what it has just removed', async () => {
    const files = await open();
    files.keep([1, 2, 3], 0, state(7));
    await files.settled();
    const [file = ''] = await filesOnDisk();
    await writeFile(`${file}.x.part`, 'x');
    // Listed, and not there when it is looked at.
    await symlink(`${file}.gone`, `${file}.prefix`);
    expect(read(await open(), [1, 2, 3])).toEqual([state(7)]);
    expect(await filesOnDisk()).toContain(`${file}.x.part`);
  });

  it('marks a file that is read as used at the time that it is given', async () => {
    const usedAt = new Date(Date.UTC(2030, 0, 1));
    const options = { folder: folder.path, key: 'model', budgetBytes: 1000, date: () => usedAt };
    const files = await PrefixFiles.open(options);
    files.keep([1, 2, 3], 0, state(7));
    await files.settled();
    const [file = ''] = await filesOnDisk();
    expect(read(files, [1, 2, 3])).toEqual([state(7)]);
    await expect.poll(async () => (await stat(file)).mtime).toEqual(usedAt);
  });

  it('goes without files, and says so, where the folder cannot be made', async () => {
    const blocked = path.join(folder.path, 'file');
    await writeFile(blocked, '');
    const lines: string[] = [];
    const options = {
      folder: path.join(blocked, 'below'),
      key: 'model',
      budgetBytes: 1000,
      date: () => new Date(),
    };
    expect(await PrefixFiles.openIfPossible(options, (line) => lines.push(line))).toBeNull();
    expect(lines).toHaveLength(1);
  });

  it('gives nothing out of a file whose bytes have changed, and forgets it', async () => {
    const files = await open();
    files.keep([1, 2, 3], 0, state(7));
    await files.settled();
    const [file = ''] = await filesOnDisk();
    const bytes = await readFile(file);
    bytes[bytes.length - 1] = 9;
    await writeFile(file, bytes);
    const again = await open();
    expect(read(again, [1, 2, 3])).toEqual([null]);
    expect(again.parts([1, 2, 3], 0)).toEqual([]);
    expect(await filesOnDisk()).toEqual([]);
  });

  it('gives nothing out of a file that is gone', async () => {
    const files = await open();
    files.keep([1, 2, 3], 0, state(7));
    await files.settled();
    await folder[Symbol.asyncDispose]();
    expect(read(files, [1, 2, 3])).toEqual([null]);
    expect(files.parts([1, 2, 3], 0)).toEqual([]);
  });
});
