import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../sidecar/engine/engine.ts';
import { generated, requestWith } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';

const never = new AbortController().signal;

let engine: Engine;
beforeAll(() => {
  engine = createRealEngine();
});
afterAll(async () => {
  await engine.dispose();
});

describe('a memory limit', () => {
  it('makes the cache smaller before it refuses, and names what is loaded', async () => {
    const path = await installedModelPath('smollm2-135m');
    const plain = await loadForTest(engine, path, { contextTokens: 4096 });
    expect(requireLocal(plain.info).cacheType).toBe('f16');
    const wholeBytes = requireLocal(plain.info).memoryBytes;
    // As much again, but for a fifth: a context in full precision does not fit, one of smaller numbers does.
    const memoryBytesLimit = wholeBytes * 1.8;
    const second = await loadForTest(engine, path, { contextTokens: 4096, memoryBytesLimit });
    expect(requireLocal(second.info).cacheType).not.toBe('f16');
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
    const memoryBytesLimit = requireLocal(alone.info).memoryBytes * 1.3;
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
