import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { MachineLoad } from '../../sidecar/engine/llama/decoding/machineLoad.ts';
import { requestWith } from '../support/engine/generating.ts';
import { idRun } from '../support/engine/liveCells.ts';
import { openHost } from '../support/engine/openHost.ts';

const cores = availableParallelism();
const polite = { priority: 'interactive' } as const;

/** A machine on which others spend this share of every core. */
function loaded(share: number): MachineLoad {
  let nowMs = 0;
  const load = new MachineLoad(
    () => ({ busyMs: share * cores * nowMs, ownMs: 0, cores }),
    () => nowMs,
  );
  load.sample();
  nowMs = 1_000;
  return load;
}

describe.skipIf(cores < 2)('beside a build that keeps every core busy', () => {
  it('one thread computes from the first call on, the tests of a load among them', async () => {
    using opened = await openHost(512, { threads: 0 }, loaded(1));
    const id = opened.prompted(idRun(0, 100), polite);
    opened.generate([id], requestWith({ maxTokens: 4 }));
    expect(new Set(opened.threadsOfCalls())).toEqual(new Set([1]));
  });

  it('every thread computes a text that has to come out the same', async () => {
    using opened = await openHost(512, { threads: 0 }, loaded(1));
    const before = opened.decodeCalls();
    opened.prompted(idRun(0, 100));
    expect(new Set(opened.threadsOfCalls().slice(before))).toEqual(new Set([cores]));
  });

  it('a number of threads that was asked for is kept', async () => {
    using opened = await openHost(512, { threads: 2 }, loaded(1));
    const before = opened.decodeCalls();
    opened.prompted(idRun(0, 100), polite);
    expect(new Set(opened.threadsOfCalls().slice(before))).toEqual(new Set([2]));
  });
});
