import { describe, expect, it } from 'vitest';
import { meanOf, ratioOf, Resamples } from '../../../../lab/numeric/bootstrap.ts';

describe('an interval over resamples', () => {
  it('of a value that never varies is that value', () => {
    const interval = new Resamples(5, 1).interval(meanOf([3, 3, 3, 3, 3]));
    expect(interval).toEqual({ estimate: 3, low: 3, high: 3 });
  });

  it('of two values reaches from one to the other: a quarter of all resamples holds only the one', () => {
    const interval = new Resamples(2, 1).interval(meanOf([0, 1]));
    expect(interval).toEqual({ estimate: 0.5, low: 0, high: 1 });
  });

  it('of a share of many items is as wide as the normal distribution says', () => {
    // 400 items, half of them 1: standard error 0.5 / 20 = 0.025, so about 0.5 ± 0.049.
    const values = Array.from({ length: 400 }, (_, index) => index % 2);
    const interval = new Resamples(400, 7).interval(meanOf(values));
    expect(interval?.estimate).toBe(0.5);
    expect(interval?.low).toBeGreaterThan(0.44);
    expect(interval?.low).toBeLessThan(0.465);
    expect(interval?.high).toBeGreaterThan(0.535);
    expect(interval?.high).toBeLessThan(0.56);
  });

  it('is the same for the same seed, and another for another', () => {
    const values = Array.from({ length: 30 }, (_, index) => index ** 2);
    const interval = (seed: number) => new Resamples(30, seed).interval(meanOf(values));
    expect(interval(3)).toEqual(interval(3));
    expect(interval(3)).not.toEqual(interval(4));
  });

  it('of a ratio divides sums, not items', () => {
    const interval = new Resamples(1, 1).interval(ratioOf([30], [2]));
    expect(interval).toEqual({ estimate: 15, low: 15, high: 15 });
    expect(ratioOf([10, 50], [1, 3])(Int32Array.from([0, 1]))).toBe(15);
  });

  it('is null without items, and where it would be infinite at an end', () => {
    expect(new Resamples(0, 1).interval(meanOf([]))).toBeNull();
    // Of two items of which one is right, a quarter of the resamples has none that is.
    expect(new Resamples(2, 1).interval(ratioOf([10, 10], [0, 1]))).toBeNull();
  });
});
