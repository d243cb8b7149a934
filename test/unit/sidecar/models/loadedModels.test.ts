import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LoadedModels } from '../../../../sidecar/models/loadedModels.ts';
import { newLockOwner } from '../../../../sidecar/storage/lockOwner.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

/** A store with a model file, and what another process has said there. */
async function storeWith(folder: string, owner: object): Promise<{ store: string; model: string }> {
  const model = path.join(folder, 'a.gguf');
  await writeFile(model, '');
  const loaded = new LoadedModels(folder);
  await loaded.enter(model);
  await loaded.leave(model);
  await writeFile(path.join(folder, 'loadedModels', 'other.json'), JSON.stringify({ owner, model }));
  return { store: folder, model };
}

/** This test's parent runs for as long as the test does. */
const parent = { ...newLockOwner(), processId: process.ppid, startedAt: null };

describe('models that processes have loaded', () => {
  it('are known to others that load the same file, by whatever path', async () => {
    await using folder = await temporaryFolder();
    const { store, model } = await storeWith(folder.path, parent);
    const link = path.join(store, 'link.gguf');
    await symlink(model, link);
    expect(await new LoadedModels(store).enter(link)).toEqual([process.ppid]);
    const other = path.join(store, 'b.gguf');
    await writeFile(other, '');
    expect(await new LoadedModels(store).enter(other)).toEqual([]);
  });

  it('count once for a process, and not for the one that asks', async () => {
    await using folder = await temporaryFolder();
    const { store, model } = await storeWith(folder.path, parent);
    const loaded = new LoadedModels(store);
    await loaded.enter(model);
    expect(await loaded.enter(model)).toEqual([process.ppid]);
  });

  it('are forgotten with their process, and when they are let go of', async () => {
    await using folder = await temporaryFolder();
    const { store, model } = await storeWith(folder.path, { ...parent, startedAt: 'before this one' });
    const loaded = new LoadedModels(store);
    expect(await loaded.enter(model)).toEqual([]);
    await loaded.leave(model);
    expect(await readdir(path.join(store, 'loadedModels'))).toEqual([]);
  });

  it('of another machine or container say nothing of this one', async () => {
    await using folder = await temporaryFolder();
    const { store, model } = await storeWith(folder.path, { ...parent, place: 'elsewhere' });
    expect(await new LoadedModels(store).enter(model)).toEqual([]);
    expect(await readFile(path.join(store, 'loadedModels', 'other.json'), 'utf8')).toContain('elsewhere');
  });

  it('are no condition of a load: a store that cannot be written has none', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'file');
    await writeFile(file, '');
    const loaded = new LoadedModels(path.join(file, 'below'));
    expect(await loaded.enter(file)).toEqual([]);
    await loaded.leave(file);
  });
});
