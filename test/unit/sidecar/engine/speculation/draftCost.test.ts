import { describe, expect, it } from 'vitest';
import { DraftCost } from '../../../../../sidecar/engine/speculation/draftCost.ts';

/** A step of one token takes 20 ms, of two 30 ms, and a long call 5 ms a token. */
function measured(): DraftCost {
  const cost = new DraftCost();
  for (let sample = 0; sample < 3; sample++) {
    cost.record(1, 20);
    cost.record(2, 30);
  }
  cost.record(32, 160);
  return cost;
}

describe('the cost of a draft model’s calls', () => {
  it('is measured for a step, and by the token for a long call', () => {
    expect([1, 2].map((tokens) => measured().callMs(tokens))).toEqual([20, 30]);
    expect(measured().callMs(100)).toBe(500);
  });

  it('is never less for a long call than for a step', () => {
    expect(measured().callMs(5)).toBeGreaterThanOrEqual(measured().callMs(4));
  });

  it('follows the newest long calls', () => {
    const cost = measured();
    cost.record(100, 1500);
    expect(cost.catchUpMsPerToken).toBeCloseTo(5 + 0.3 * 10);
  });

  it('is infinite before anything was measured', () => {
    expect([1, 100].map((tokens) => new DraftCost().callMs(tokens))).toEqual([Infinity, Infinity]);
  });
});
