import { readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { LoadedModels } from '../../../../sidecar/modelHosting/loadedModels.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { newLockOwner } from '../../../../sidecar/storage/lockOwner.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

/** A store with a model file, and what another process has said there. */
async function storeWith(
  folder: string,
  owner: object,
  memory: object | null = null,
): Promise<{ store: string; model: string }> {
  const model = path.join(folder, 'a.gguf');
  await writeFile(model, '');
  const loaded = new LoadedModels(folder, systemClock);
  await loaded.enter(model);
  await loaded.leave(model);
  await writeFile(path.join(folder, 'loadedModels', 'other.json'), JSON.stringify({ owner, model, memory }));
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
    expect(await new LoadedModels(store, systemClock).enter(link)).toEqual([process.ppid]);
    const other = path.join(store, 'b.gguf');
    await writeFile(other, '');
    expect(await new LoadedModels(store, systemClock).enter(other)).toEqual([]);
  });

  it('count once for a process, and not for the one that asks', async () => {
    await using folder = await temporaryFolder();
    const { store, model } = await storeWith(folder.path, parent);
    const loaded = new LoadedModels(store, systemClock);
    await loaded.enter(model);
    expect(await loaded.enter(model)).toEqual([process.ppid]);
  });

  it('are forgotten with their process, and when they are let go of', async () => {
    await using folder = await temporaryFolder();
    const { store, model } = await storeWith(folder.path, { ...parent, startedAt: 'before this one' });
    const loaded = new LoadedModels(store, systemClock);
    expect(await loaded.enter(model)).toEqual([]);
    await loaded.leave(model);
    expect(await readdir(path.join(store, 'loadedModels'))).toEqual([]);
  });

  it('of before the machine was started count no more, whoever has their number now', async () => {
    await using folder = await temporaryFolder();
    const { store, model } = await storeWith(folder.path, parent);
    const long = new Date(Date.now() - 1000 * (uptime() + 60));
    await utimes(path.join(store, 'loadedModels', 'other.json'), long, long);
    expect(await new LoadedModels(store, systemClock).enter(model)).toEqual([]);
  });

  it('of another machine or container say nothing of this one', async () => {
    await using folder = await temporaryFolder();
    const { store, model } = await storeWith(folder.path, { ...parent, place: 'elsewhere' });
    expect(await new LoadedModels(store, systemClock).enter(model)).toEqual([]);
    expect(await readFile(path.join(store, 'loadedModels', 'other.json'), 'utf8')).toContain('elsewhere');
  });

  it('are no condition of a load: a store that cannot be written has none', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'file');
    await writeFile(file, '');
    const loaded = new LoadedModels(path.join(file, 'below'), systemClock);
    expect(await loaded.enter(file)).toEqual([]);
    await loaded.leave(file);
  });
});

const never = new AbortController().signal;
const taken = () => ({ name: 'a', sizeBytes: 3, mappedBytes: 2 });
const onWait = () => undefined;

describe('loading in turn', () => {
  it('lets one process load at a time, and says so to the other once', async () => {
    await using folder = await temporaryFolder();
    const model = path.join(folder.path, 'a.gguf');
    await writeFile(model, '');
    const order: string[] = [];
    let finish: () => void = () => undefined;
    const load = (name: string) => async () => {
      order.push(`${name} begins`);
      if (name === 'first') await new Promise<void>((resolve) => (finish = resolve));
      order.push(`${name} ends`);
    };
    const turnOf = (name: string) =>
      new LoadedModels(folder.path, systemClock).inTurn(
        model,
        { load: load(name), taken, onWait: () => order.push(`${name} waits`) },
        never,
      );
    const first = turnOf('first');
    while (order.length < 1) await delay(5);
    const second = turnOf('second');
    while (order.length < 2) await delay(5);
    // Time for many more looks at the lock.
    await delay(400);
    finish();
    await Promise.all([first, second]);
    expect(order).toEqual(['first begins', 'second waits', 'first ends', 'second begins', 'second ends']);
  });

  it('gives up its turn with the signal, and loads nothing', async () => {
    await using folder = await temporaryFolder();
    const model = path.join(folder.path, 'a.gguf');
    await writeFile(model, '');
    const abort = new AbortController();
    const loaded: string[] = [];
    await new LoadedModels(folder.path, systemClock).inTurn(
      model,
      {
        load: async () => {
          const turn = { load: () => Promise.resolve(loaded.push('second')), taken, onWait };
          const second = new LoadedModels(folder.path, systemClock).inTurn(model, turn, abort.signal);
          abort.abort();
          await expect(second).rejects.toThrow(/abort/u);
        },
        taken,
        onWait,
      },
      never,
    );
    expect(loaded).toEqual([]);
  });

  it('is not waited for without end: a load of another process may hang', async () => {
    await using folder = await temporaryFolder();
    const model = path.join(folder.path, 'a.gguf');
    await writeFile(model, '');
    const held: (() => void)[] = [];
    const load = () => new Promise<void>((resolve) => held.push(resolve));
    const first = new LoadedModels(folder.path, systemClock).inTurn(model, { load, taken, onWait }, never);
    await vi.waitFor(() => {
      expect(held).toHaveLength(1);
    });
    const second = new LoadedModels(folder.path, systemClock, 200);
    const turn = { load: () => Promise.resolve('loaded'), taken, onWait };
    expect(await second.inTurn(model, turn, never)).toBe('loaded');
    held[0]?.();
    await first;
  });

  it('knows what the models of other processes take, and shares what is mapped from the same file', async () => {
    await using folder = await temporaryFolder();
    const memory = { name: 'a', sizeBytes: 30, mappedBytes: 20 };
    const { store, model } = await storeWith(folder.path, parent, memory);
    const other = path.join(store, 'b.gguf');
    await writeFile(other, '');
    const elsewhereFor = (file: string) =>
      new LoadedModels(store, systemClock).inTurn(
        file,
        { load: (all) => Promise.resolve(all), taken, onWait },
        never,
      );
    expect(await elsewhereFor(other)).toEqual([memory]);
    expect(await elsewhereFor(model)).toEqual([{ ...memory, mappedBytes: 0 }]);
  });

  it('counts the file of a model that is being loaded', async () => {
    await using folder = await temporaryFolder();
    const model = path.join(folder.path, 'a.gguf');
    await writeFile(model, 'twelve bytes');
    await new LoadedModels(folder.path, systemClock).enter(model);
    const [name = ''] = await readdir(path.join(folder.path, 'loadedModels'));
    expect(JSON.parse(await readFile(path.join(folder.path, 'loadedModels', name), 'utf8'))).toMatchObject({
      memory: { name: 'a.gguf', sizeBytes: 12, mappedBytes: 12 },
    });
  });

  it('writes what the loaded model takes', async () => {
    await using folder = await temporaryFolder();
    const model = path.join(folder.path, 'a.gguf');
    await writeFile(model, '');
    const loaded = new LoadedModels(folder.path, systemClock);
    await loaded.inTurn(model, { load: () => Promise.resolve(), taken, onWait }, never);
    const names = (await readdir(path.join(folder.path, 'loadedModels'))).filter((name) =>
      name.endsWith('.json'),
    );
    expect(names).toHaveLength(1);
    const entry = await readFile(path.join(folder.path, 'loadedModels', names[0] ?? ''), 'utf8');
    expect(JSON.parse(entry)).toMatchObject({ memory: taken() });
    // Loaded for another role it still takes that.
    await loaded.enter(model);
    expect(await readFile(path.join(folder.path, 'loadedModels', names[0] ?? ''), 'utf8')).toBe(entry);
  });

  it('loads where the store cannot be written, and throws what the load throws', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'file');
    await writeFile(file, '');
    const loaded = new LoadedModels(path.join(file, 'below'), systemClock);
    expect(await loaded.inTurn(file, { load: () => Promise.resolve('loaded'), taken, onWait }, never)).toBe(
      'loaded',
    );
    let count = 0;
    const fail = () => Promise.reject(new Error(`load ${++count}`));
    const inStore = new LoadedModels(folder.path, systemClock);
    await expect(inStore.inTurn(file, { load: fail, taken, onWait }, never)).rejects.toThrow('load 1');
    expect(count).toBe(1);
  });
});
