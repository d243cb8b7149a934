import { describe, expect, it } from 'vitest';
import { cancelPlaces, heldEvery, leadTokens, timeAt } from '../../../../lab/bench/cancelPlaces.ts';

describe('places of cancels', () => {
  const places = cancelPlaces(40, 4000, 1);

  it('lie one in each part of the prompt, not at one distance', () => {
    const parts = places.map(({ cancelToken }) => Math.floor(cancelToken / 100));
    expect(parts).toEqual(Array.from({ length: 40 }, (_, index) => index));
    expect(new Set(places.map(({ cancelToken }) => Math.round(cancelToken % 100))).size).toBeGreaterThan(20);
  });

  it('leave each run a lead, and no more of the prompt than it takes', () => {
    for (const { startToken, cancelToken } of places) {
      expect(startToken % heldEvery).toBe(0);
      const run = cancelToken - startToken;
      if (startToken > 0) expect(run).toBeGreaterThanOrEqual(leadTokens);
      expect(run).toBeLessThan(leadTokens + heldEvery);
    }
  });

  it('are the same for a seed', () => {
    expect(cancelPlaces(40, 4000, 1)).toEqual(places);
    expect(cancelPlaces(40, 4000, 2)).not.toEqual(places);
  });
});

describe('the time at a token', () => {
  it('is that of the parts before and a share of its own', () => {
    const endsMs = [100, 300];
    expect(timeAt(0, endsMs)).toBe(0);
    expect(timeAt(heldEvery / 2, endsMs)).toBe(50);
    expect(timeAt(heldEvery, endsMs)).toBe(100);
    expect(timeAt(1.5 * heldEvery, endsMs)).toBe(200);
    expect(timeAt(2 * heldEvery, endsMs)).toBe(300);
  });
});
