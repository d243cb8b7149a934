import { describe, expect, it } from 'vitest';
import { measurePairs, summarisePairs, summariseSamples } from '../../../../lab/bench/figure.ts';

describe('summarisePairs', () => {
  it('takes the median of the ratios, so that a slow moment of the machine counts once', () => {
    const pairs = [
      { subject: 90, baseline: 100 },
      { subject: 40, baseline: 50 },
      { subject: 95, baseline: 100 },
    ];
    expect(summarisePairs(pairs)).toEqual({
      subjectMedian: 90,
      baselineMedian: 100,
      ratioMedian: 0.9,
      ratioLow: 0.8,
      ratioHigh: 0.95,
    });
  });
});

describe('summariseSamples', () => {
  it('takes the 99th percentile by nearest rank, whatever the order', () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index);
    expect(summariseSamples(samples)).toEqual({ median: 100.5, p99: 198, highest: 200 });
    expect(summariseSamples(samples.slice(100))).toEqual({ median: 50.5, p99: 99, highest: 100 });
  });

  it('tells no percentile of its own where that is the highest', () => {
    const samples = Array.from({ length: 99 }, (_, index) => index + 1);
    expect(summariseSamples(samples)).toEqual({ median: 50, p99: null, highest: 99 });
    expect(summariseSamples([7])).toEqual({ median: 7, p99: null, highest: 7 });
  });
});

describe('measurePairs', () => {
  it('warms both sides up, then takes turns at going first', async () => {
    const order: string[] = [];
    const side = (name: string, value: number) => () => {
      order.push(name);
      return Promise.resolve(value);
    };
    const heard: number[] = [];
    const measure = { subject: side('s', 2), baseline: side('b', 1) };
    const pairs = await measurePairs(3, measure, ({ subject }) => heard.push(subject));
    expect(heard).toEqual([2, 2, 2]);
    expect(order.join('')).toBe('bs' + 'sb' + 'bs' + 'sb');
    expect(pairs).toEqual(Array.from({ length: 3 }, () => ({ subject: 2, baseline: 1 })));
  });
});
