import { describe, expect, it } from 'vitest';
import { DraftCost } from '../../../sidecar/speculation/draftCost.ts';

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

describe('the cost of a draft', () => {
  it('is a step for each token, and the first of two tokens where two are unseen', () => {
    expect(measured().draftMs(1, 1)).toBe(20);
    expect(measured().draftMs(2, 1)).toBe(30);
    expect(measured().draftMs(2, 4)).toBe(30 + 3 * 20);
  });

  it('spreads catching up with a long text over the drafts that follow', () => {
    expect(measured().draftMs(2 + 64, 1)).toBe(30 + (64 * 5) / 32);
  });

  it('follows the newest long calls, and is infinite before anything was measured', () => {
    const cost = measured();
    cost.record(100, 1500);
    expect(cost.catchUpMsPerToken).toBeCloseTo(5 + 0.3 * 10);
    expect(new DraftCost().draftMs(1, 1)).toBe(Infinity);
  });
});
