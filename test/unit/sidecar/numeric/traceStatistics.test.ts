import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  entropyInstability,
  groupWindow,
  leastGroupMean,
  tokenConfidence,
  traceStatistics,
} from '../../../../sidecar/numeric/traceStatistics.ts';

const likely = (...probabilities: readonly number[]) => probabilities.map((p) => ({ logprob: Math.log(p) }));

describe('tokenConfidence', () => {
  test('is the mean surprise of the most likely tokens: higher where one has taken all', () => {
    expect(tokenConfidence(likely(0.5, 0.25, 0.25))).toBeCloseTo((Math.log(2) + 2 * Math.log(4)) / 3, 12);
    expect(tokenConfidence(likely(0.98, 0.01, 0.01))).toBeGreaterThan(tokenConfidence(likely(0.4, 0.3, 0.3)));
  });

  test('stays a number where a token is impossible, and where none is known', () => {
    expect(tokenConfidence(likely(1, 0))).toBe(25);
    expect(tokenConfidence([])).toBeCloseTo(0, 12);
  });
});

describe('leastGroupMean', () => {
  test('finds the least sure stretch', () => {
    expect(leastGroupMean([9, 9, 1, 2, 9, 9], 2)).toBe(1.5);
    expect(leastGroupMean([9, 9, 1, 2, 9, 9], 3)).toBe(4);
    expect(leastGroupMean([1, 2, 9], 1)).toBe(1);
  });

  test('takes all values where they are fewer than a group', () => {
    expect(leastGroupMean([2, 4], 64)).toBe(3);
    expect(leastGroupMean([], 64)).toBe(0);
  });

  test('is the least of all means that can be formed', () => {
    const values = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), (all, window) => {
        const width = Math.min(window, all.length);
        const means = Array.from({ length: all.length - width + 1 }, (_, from) => {
          return all.slice(from, from + width).reduce((sum, value) => sum + value, 0) / width;
        });
        expect(leastGroupMean(all, window)).toBeCloseTo(Math.min(...means), 9);
      }),
    );
  });

  test.each([
    [0, 1],
    [1, 1],
    [10, 5],
    [127, 63],
    [128, 64],
    [5000, 64],
  ])('of %i tokens a group has %i', (tokenCount, window) => {
    expect(groupWindow(tokenCount)).toBe(window);
  });
});

describe('entropyInstability', () => {
  test('is zero for a steady trace', () => {
    expect(entropyInstability([])).toBe(0);
    expect(entropyInstability(Array.from({ length: 50 }, () => 0.7))).toBe(0);
  });

  test('counts a rise over eight tokens and a rise above the least value before', () => {
    // One entropy of 2 behind eight of 0: a burst from the first, a rebound at the last. Variance 4·(1/9)(8/9).
    const entropies = [0, 0, 0, 0, 0, 0, 0, 0, 2];
    expect(entropyInstability(entropies)).toBeCloseTo(1 + (4 * 8) / 81, 12);
  });

  test('takes a rise over fewer tokens for no burst', () => {
    // The rebound alone. Variance 4·(1/8)(7/8).
    const entropies = [0, 0, 0, 0, 0, 0, 0, 2];
    expect(entropyInstability(entropies)).toBeCloseTo(0.5 * (1 + (4 * 7) / 64), 12);
  });

  test('takes a rise that is no more than the threshold for none', () => {
    expect(entropyInstability([0, 0, 0, 0, 0, 0, 0, 0, 1.33])).toBe(0);
    // Above the threshold of a rebound, below that of a burst.
    expect(entropyInstability([0, 0, 0, 0, 0, 0, 0, 0, 1.34])).toBeGreaterThan(0.5);
    expect(entropyInstability([0, 0, 0, 0, 0, 0, 0, 0, 1.34])).toBeLessThan(0.6);
  });

  test('a fall alone is no unrest', () => {
    expect(entropyInstability([3, 2, 1, 0])).toBe(0);
  });
});

test('a trace is summed up from its columns', () => {
  expect(traceStatistics([0, 1, 2, 1], [1, 2, 3, 1])).toEqual({
    meanConfidence: 1.75,
    leastGroupConfidence: 1.5,
    entropyInstability: 0.5 * (1 + 0.5),
  });
});
