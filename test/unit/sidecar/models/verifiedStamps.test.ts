import { copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { mostStamps, VerifiedStamps } from '../../../../sidecar/models/verifiedStamps.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { fileKeyOf } from '../../../../sidecar/storage/fileKey.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const hash = 'a'.repeat(64);
let folder = '';
let store = '';
let file = '';

beforeEach(async () => {
  const temporary = await temporaryFolder();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  folder = temporary.path;
  store = path.join(folder, 'store');
  file = await written('model.gguf');
});

async function written(name: string, content = 'weights'): Promise<string> {
  const place = path.join(folder, name);
  await writeFile(place, content);
  return place;
}

const openStamps = (): VerifiedStamps => new VerifiedStamps(store, systemClock);

async function keep(place: string, sha256 = hash): Promise<void> {
  await openStamps().keep(place, await fileKeyOf(place), sha256);
}

/** Resolves when a file that is written now gets a later change time than this one has: the system counts in ticks. */
async function whenTimeHasMoved(): Promise<void> {
  const { changedNs } = await fileKeyOf(file);
  await vi.waitFor(async () => {
    expect((await fileKeyOf(await written('probe'))).changedNs).not.toBe(changedNs);
  }, 30_000);
}

test('a hash that was kept is known to the next process, by any path that leads to the file', async () => {
  await keep(file);
  const link = path.join(folder, 'link.gguf');
  await symlink(file, link);
  expect(await openStamps().hashOf(file)).toBe(hash);
  expect(await openStamps().hashOf(link)).toBe(hash);
  expect(await readdir(store)).toEqual(['verifiedFiles.json']);
});

test.each([
  ['written anew in place', () => writeFile(file, 'WEIGHTS')],
  [
    'replaced by another file of its size',
    async () => {
      await rename(await written('other.gguf', 'WEIGHTS'), file);
    },
  ],
  ['grown', () => writeFile(file, 'weights and more')],
  ['gone', () => rm(file)],
])('nothing is known of a file that is %s', async (_how, change) => {
  await keep(file);
  await whenTimeHasMoved();
  await change();
  expect(await openStamps().hashOf(file)).toBeNull();
});

test('a copy is another file', async () => {
  await keep(file);
  const copy = path.join(folder, 'copy.gguf');
  await copyFile(file, copy);
  expect(await openStamps().hashOf(copy)).toBeNull();
});

test('the hash of a file that changed while it was read is not kept', async () => {
  const key = await fileKeyOf(file);
  await whenTimeHasMoved();
  await writeFile(file, 'WEIGHTS');
  await openStamps().keep(file, key, hash);
  expect(await openStamps().hashOf(file)).toBeNull();
});

test('a file can be forgotten', async () => {
  await keep(file);
  await openStamps().forget(file);
  expect(await openStamps().hashOf(file)).toBeNull();
});

test('entries go with their files, and there are never too many', async () => {
  const gone = await written('gone.gguf');
  await keep(gone);
  await rm(gone);
  await keep(file);
  const stampFile = path.join(store, 'verifiedFiles.json');
  expect(await readFile(stampFile, 'utf8')).not.toContain('gone.gguf');
  const key = await fileKeyOf(file);
  const stamps = Array.from({ length: mostStamps + 50 }, (_, index) => ({
    ...key,
    path: folder,
    inode: String(index),
    sha256: hash,
  }));
  await writeFile(stampFile, JSON.stringify({ version: 2, stamps }));
  await keep(file);
  const kept = JSON.parse(await readFile(stampFile, 'utf8')) as { readonly stamps: readonly unknown[] };
  expect(kept.stamps).toHaveLength(mostStamps);
  expect(await openStamps().hashOf(file)).toBe(hash);
});

test.each(['', '{', '[]', '{"version":1,"stamps":[]}', '{"version":2,"stamps":[{"sha256":"x"},7]}'])(
  'a stamp file that holds %j knows nothing and is replaced',
  async (content) => {
    await mkdir(store);
    await writeFile(path.join(store, 'verifiedFiles.json'), content);
    expect(await openStamps().hashOf(file)).toBeNull();
    await keep(file);
    expect(await openStamps().hashOf(file)).toBe(hash);
  },
);

test('stamps that are kept at once are all there', async () => {
  const files = await Promise.all(Array.from({ length: 8 }, (_, index) => written(`m${index}.gguf`)));
  await Promise.all(files.map((each, index) => keep(each, String(index).repeat(64))));
  const known = await Promise.all(files.map((each) => openStamps().hashOf(each)));
  expect(known).toEqual(files.map((_, index) => String(index).repeat(64)));
});
