import { describe, expect, it } from 'vitest';
import { measurePairs, median, summarise, type Figure } from '../../../bench/figure.ts';
import { readSpeed } from '../../../bench/baselines/llamaBench.ts';
import { toJson, toMarkdown, type Report } from '../../../bench/report.ts';

const figure: Figure = {
  name: 'decode',
  unit: 'tok/s',
  subjectName: 'engine',
  baselineName: 'llama-bench',
  pairs: [
    { subject: 90, baseline: 100 },
    { subject: 40, baseline: 50 },
    { subject: 95, baseline: 100 },
  ],
};

describe('summarise', () => {
  it('takes the median of the ratios, so that a slow moment of the machine counts once', () => {
    const summary = summarise(figure);
    expect(summary).toEqual({
      subjectMedian: 90,
      baselineMedian: 100,
      ratioMedian: 0.9,
      ratioLow: 0.8,
      ratioHigh: 0.95,
    });
  });

  it('takes the mean of the middle two of an even count', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe('measurePairs', () => {
  it('warms both sides up, then takes turns at going first', async () => {
    const order: string[] = [];
    const side = (name: string, value: number) => () => {
      order.push(name);
      return Promise.resolve(value);
    };
    const pairs = await measurePairs(3, { subject: side('s', 2), baseline: side('b', 1) });
    expect(order.join('')).toBe('bs' + 'sb' + 'bs' + 'sb');
    expect(pairs).toEqual(Array.from({ length: 3 }, () => ({ subject: 2, baseline: 1 })));
  });
});

describe('a report', () => {
  const report: Report = {
    suite: 'decode',
    date: '2026-01-02T03:04:05.000Z',
    machine: {
      processor: 'Some Processor',
      cores: 2,
      memoryGiB: 8,
      system: 'Linux 6.1',
      nodeVersion: '20.0.0',
      llamaVersion: '0.5.0',
      backend: 'CPU',
    },
    setup: { model: 'tiny', threads: 2 },
    figures: [figure],
    notes: ['A note.'],
  };

  it('shows medians, ratio, spread and the number of pairs in one row', () => {
    const markdown = toMarkdown(report);
    expect(markdown).toContain(
      '| decode | engine 90.0 tok/s | llama-bench 100.0 tok/s | 0.90 | 0.80 to 0.95 | 3 |',
    );
    expect(markdown).toContain('Some Processor, 2 cores');
    expect(markdown).toContain('- A note.');
  });

  it('keeps every pair as data', () => {
    const data = JSON.parse(toJson(report)) as Report;
    expect(data.figures[0]?.pairs).toEqual(figure.pairs);
  });
});

describe('readSpeed', () => {
  it('takes the speed from the JSON of one test', () => {
    expect(readSpeed('[{"n_gen": 128, "avg_ts": 51.25, "stddev_ts": 0}]')).toBe(51.25);
  });

  it('refuses a report without one', () => {
    expect(() => readSpeed('[]')).toThrow(expect.objectContaining({ code: 'engine.failed' }));
    expect(() => readSpeed('{"avg_ts": 1}')).toThrow(expect.objectContaining({ code: 'engine.failed' }));
  });
});
