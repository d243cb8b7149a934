import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../../lab/bench/figure.ts';
import { plotReport } from '../../../../lab/bench/plot.ts';
import { exampleReport } from '../../../support/trace/exampleReport.ts';

const plotOf = (figures: readonly Figure[]) => plotReport({ ...exampleReport, figures });

const pair = (subject: number, baseline: number) => ({ subject, baseline });

describe('the plot of a report', () => {
  const speed: Figure = {
    type: 'paired',
    name: 'decode <fast>',
    unit: 'tok/s',
    subjectName: 'engine',
    baselineName: 'llama-bench & co',
    pairs: [pair(50, 100), pair(100, 100), pair(200, 100)],
  };

  it('puts the median on the way from nothing to the highest, and the spread behind it', () => {
    const plot = plotOf([speed]) ?? '';
    const numbers = (pattern: RegExp) => (pattern.exec(plot) ?? []).slice(1).map(Number);
    const [low = NaN, high = NaN] = numbers(/class="spread" x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"/);
    const [zero = NaN] = numbers(/class="axis" x1="([\d.]+)"/);
    const [one = NaN] = numbers(/class="reference" x1="([\d.]+)"/);
    const [median = NaN] = numbers(/class="dot" cx="([\d.]+)"/);
    expect(median).toBe(one);
    expect((low - zero) / (high - zero)).toBeCloseTo(0.25, 2);
    expect((median - zero) / (high - zero)).toBeCloseTo(0.5, 2);
  });

  it('shows any name as it is, and the colours of light and dark', () => {
    const plot = plotOf([speed]) ?? '';
    expect(plot).toContain('>decode &lt;fast&gt;<');
    expect(plot).toContain('>engine ÷ llama-bench &amp; co<');
    expect(plot).not.toContain('<fast>');
    expect(plot).toContain('prefers-color-scheme:dark');
  });

  it('has a panel for each direction and unit, and none for numbers without spread', () => {
    const titles = [
      ...(
        plotOf([
          speed,
          { ...speed, unit: 'ms' },
          { type: 'sampled', name: 'cancel', unit: 'ms', samples: [1, 2, 9] },
          { type: 'single', name: 'mean', unit: 'ratio', value: 1.2, basis: 'all' },
        ]) ?? ''
      ).matchAll(/class="title"[^>]*>([^<]*)/g),
    ].map((match) => match[1]);
    expect(titles).toEqual([
      'speed by baseline, more is better',
      'time or memory by baseline, less is better',
      'ms, median to highest',
    ]);
  });

  it('is as high as its rows need, whatever their values', () => {
    const rows = Array.from({ length: 5 }, () => ({ ...speed, pairs: [pair(0, 0)] }));
    const plot = plotOf(rows) ?? '';
    const height = Number(/height="(\d+)"/.exec(plot)?.[1]);
    const places = [...plot.matchAll(/<(?:text|circle)[^>]* (?:y|cy)="([\d.]+)"/g)].map((m) => Number(m[1]));
    expect(places.length).toBeGreaterThan(10);
    expect(Math.max(...places)).toBeLessThan(height);
    expect(plot).not.toContain('NaN"');
  });

  it('is not drawn of nothing', () => {
    expect(plotOf([])).toBeNull();
    expect(plotOf([{ type: 'single', name: 'mean', unit: 'share', value: 1, basis: 'all' }])).toBeNull();
  });
});
