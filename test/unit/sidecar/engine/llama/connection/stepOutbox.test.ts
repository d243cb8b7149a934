import { describe, expect, it } from 'vitest';
import type { TokenStep } from '../../../../../../sidecar/engine/engine.ts';
import {
  outboxIntervalMs,
  StepOutbox,
  stepsOf,
  transferableOf,
} from '../../../../../../sidecar/engine/llama/connection/stepOutbox.ts';

function step(id: number): TokenStep {
  return {
    id,
    text: `t${id}`,
    logprob: -id,
    entropyNats: id / 2,
    varentropy: id / 4,
    margin: 0.5,
    alternatives: [{ id, text: `t${id}`, logprob: -id }],
    source: id % 2 === 0 ? 'trie' : 'model',
  };
}

describe('StepOutbox', () => {
  it('gives back per call exactly the steps that were added', () => {
    const outbox = new StepOutbox(() => 0);
    outbox.add(7, step(1));
    outbox.add(8, step(2));
    outbox.add(7, step(3));
    expect(outbox.take().map(({ callId, steps }) => [callId, stepsOf(steps)])).toEqual([
      [7, [step(1), step(3)]],
      [8, [step(2)]],
    ]);
    expect(outbox.take()).toEqual([]);
  });

  it('carries states of some steps as one column a call, and gives their buffers away', () => {
    const outbox = new StepOutbox(() => 0);
    const stated = { ...step(2), lineState: Float32Array.from([1, 2, 3]) };
    const last = { ...step(3), lineState: Float32Array.from([4, 5, 6]) };
    outbox.add(7, step(1));
    outbox.add(7, stated);
    outbox.add(8, step(9));
    outbox.add(7, last);
    const runs = outbox.take();
    const moved = structuredClone(runs, { transfer: [...transferableOf(runs)] });
    expect(runs.map(({ steps }) => steps.lineStates.byteLength)).toEqual([0, 0]);
    expect(moved.map(({ callId, steps }) => [callId, stepsOf(steps)])).toEqual([
      [7, [step(1), stated, last]],
      [8, [step(9)]],
    ]);
    expect(transferableOf(moved)).toHaveLength(1);
  });

  it('is due at once and then again after the interval', () => {
    let nowMs = 1000;
    const outbox = new StepOutbox(() => nowMs);
    expect(outbox.isDue).toBe(false);
    outbox.add(1, step(1));
    expect(outbox.isDue).toBe(true);
    outbox.take();
    outbox.add(1, step(2));
    nowMs += outboxIntervalMs - 1;
    expect(outbox.isDue).toBe(false);
    nowMs += 1;
    expect(outbox.isDue).toBe(true);
  });
});
