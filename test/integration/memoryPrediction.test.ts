import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import { openMachineStore } from '../../sidecar/models/machineStore.ts';
import { systemClock } from '../../sidecar/trace/clock.ts';
import { generated, requestWith } from '../support/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/realEngine.ts';

const never = new AbortController().signal;
const contextTokens = 2048;
/** Rows of logits of one call that the engine has room for, most of them used. */
const branches = 120;

const store = openMachineStore({ storePath: '', environment: process.env, clock: systemClock });
/** Models that set-up fetches for tests. */
const always = ['smollm2-135m', 'qwen2.5-coder-0.5b'];

async function installedAmong(names: readonly string[]): Promise<readonly string[]> {
  const installed = (await store.list()).filter(({ path }) => path !== null);
  return names.filter((wanted) => installed.some(({ name }) => name === wanted));
}

let engine: Engine;
beforeAll(async () => {
  engine = createRealEngine();
  // Thread and libraries are there before anything is measured.
  await (
    await loadForTest(engine, await installedModelPath('smollm2-135m'), { contextTokens: 256 })
  ).dispose();
});
afterAll(async () => {
  await engine.dispose();
});

/** A call with a full batch of prompt, and one with a row of logits for every branch: llama.cpp never takes more. */
async function exhaust(model: Model): Promise<void> {
  const sequence = await model.openSequence({ priority: 'interactive' }, never);
  const tokens = Array.from({ length: 540 }, (_, i) => 100 + (i % 1000));
  await sequence.append(tokens, never);
  const forks = await sequence.fork(branches, never);
  await Promise.all(forks.map((fork) => generated(fork, requestWith({ maxTokens: 1 }))));
  await Promise.all([sequence, ...forks].map((each) => each.dispose()));
}

describe.runIf(process.platform === 'linux')('the memory that a load is predicted to take', async () => {
  it.each([...always, ...(await installedAmong(['qwen2.5-coder-1.5b']))])(
    'is within a tenth of what %s takes at most',
    async (name) => {
      const before = await residentBytes();
      const { path } = await store.resolve(name);
      const model = await loadForTest(engine, path, { contextTokens, threads: 1 });
      await exhaust(model);
      const takenBytes = (await residentBytes()) - before;
      await model.dispose();
      expect(model.info.memoryBytes / takenBytes).toBeGreaterThan(0.9);
      expect(model.info.memoryBytes / takenBytes).toBeLessThan(1.1);
    },
    240_000,
  );
});

describe('a memory limit', () => {
  it('makes the cache smaller before it refuses, and names what is loaded', async () => {
    const path = await installedModelPath('smollm2-135m');
    const plain = await loadForTest(engine, path, { contextTokens: 4096 });
    expect(plain.info.cacheType).toBe('f16');
    const wholeBytes = plain.info.memoryBytes;
    // As much again, but for a fifth: a context in full precision does not fit, one of smaller numbers does.
    const memoryBytesLimit = wholeBytes * 1.8;
    const second = await loadForTest(engine, path, { contextTokens: 4096, memoryBytesLimit });
    expect(second.info.cacheType).not.toBe('f16');
    const sequence = await second.openSequence({ priority: 'interactive' }, never);
    await sequence.append(await second.tokenize('The capital of France is', { special: false }), never);
    expect((await generated(sequence, requestWith({ maxTokens: 4 }))).ids).toHaveLength(4);
    const third = loadForTest(engine, path, { contextTokens: 4096, memoryBytesLimit, cacheType: 'f16' });
    await expect(third).rejects.toMatchObject({ code: 'memory.insufficient' });
    await expect(third).rejects.toThrow(plain.info.identity.name);
    await second.dispose();
    await plain.dispose();
  });

  it('holds for loads that were asked for at once', async () => {
    const path = await installedModelPath('smollm2-135m');
    const alone = await loadForTest(engine, path, { contextTokens: 1024 });
    const memoryBytesLimit = alone.info.memoryBytes * 1.3;
    await alone.dispose();
    const loads = await Promise.allSettled(
      [1024, 1280].map((contextTokens) => loadForTest(engine, path, { contextTokens, memoryBytesLimit })),
    );
    // Whichever came first has the room.
    expect(loads.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(loads.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'memory.insufficient' },
    });
    for (const load of loads) if (load.status === 'fulfilled') await load.value.dispose();
  });
});

async function residentBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
}
