import { describe, expect, it } from 'vitest';
import { isMemoryShort, machineMemory, watchMemory } from '../../../../sidecar/modelHosting/memoryWatch.ts';
import { OwnerBench, oneModel } from '../../../support/sidecar/ownerBench.ts';

const gibibyte = 2 ** 30;

describe('memory', () => {
  it.each([
    [16, 0.7, true],
    [16, 0.9, false],
    // A twentieth of a large machine is more than anybody misses.
    [256, 1.1, false],
    [256, 0.9, true],
    [1, 0.24, true],
    [1, 0.26, false],
  ])('of %d GiB with %d GiB free is short: %s', (total, free, isShort) => {
    expect(isMemoryShort({ totalBytes: total * gibibyte, freeBytes: free * gibibyte })).toBe(isShort);
  });

  it('of this machine is known', () => {
    const { freeBytes, totalBytes } = machineMemory();
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });
});

/** Two roles and a file of its own, and a watch that looks when `look` is called. */
async function watched() {
  const bench = new OwnerBench();
  await bench.serve('one.gguf', 'questions');
  await bench.serve('two.gguf', 'completions');
  bench.nowMs = 1;
  await bench.serve('three.gguf', 'path:three.gguf');
  const state = { totalBytes: 16 * gibibyte, freeBytes: 8 * gibibyte };
  const looks: (() => void)[] = [];
  const end = watchMemory({
    owner: bench.owner,
    isShort: () => Promise.resolve(isMemoryShort(state)),
    schedule: (run) => {
      looks.push(run);
      return () => {
        looks.length = 0;
      };
    },
  });
  const look = async (): Promise<void> => {
    looks.shift()?.();
    await new Promise(setImmediate);
  };
  return { bench, state, look, looks, end };
}

describe('where memory is short', () => {
  it('what nobody uses is unloaded one after another, longest unused first, but for what writes completions', async () => {
    const { bench, state, look } = await watched();
    await look();
    expect(bench.disposed).toEqual([]);
    state.freeBytes = gibibyte / 2;
    await look();
    expect(bench.disposed).toEqual(['one.gguf']);
    expect(bench.health.value).toMatchObject({ state: 'unloaded', modelName: 'one.gguf', cause: 'memory' });
    expect(bench.log.at(-1)).toBe('memory is short: unloading the model for questions');
    await look();
    await look();
    expect(bench.disposed).toEqual(['one.gguf', 'three.gguf']);
    expect(bench.health.value.completions).toMatchObject({ state: 'ready' });
  });

  it('a model at work stays', async () => {
    const { bench, state, look } = await watched();
    const lease = await bench.owner.acquire(new AbortController().signal);
    bench.owner.assign('path:three.gguf', { ...oneModel, model: 'gone.gguf' });
    await new Promise(setImmediate);
    state.freeBytes = 0;
    await look();
    expect(bench.disposed).toEqual(['three.gguf']);
    lease.release();
  });

  it('nothing is looked at any more after the end', async () => {
    const { looks, end } = await watched();
    expect(looks).toHaveLength(1);
    end();
    expect(looks).toEqual([]);
  });
});
