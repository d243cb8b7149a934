import { expect, it } from 'vitest';
import { plotReport } from '../../../../../lab/bench/plot.ts';
import {
  contrastScores,
  questionScores,
  summariseRow,
} from '../../../../../lab/bench/reasoning/rowSummary.ts';
import { parseReport, type Report, toJson, toMarkdown } from '../../../../../lab/bench/report.ts';
import { exampleReport } from '../../../../support/trace/exampleReport.ts';
import { rawCandidate, rawTrace } from '../../../../support/trace/rawTraces.ts';

const traces = (length: number) => [
  rawTrace('a', [rawCandidate('right', length, { isSelected: true })]),
  rawTrace('b', [rawCandidate('wrong', length, { isSelected: true })]),
];
const contrast = {
  name: 'same questions',
  group: 'strategies',
  subjectName: 'auto:1',
  baselineName: 'direct',
} as const;
const report: Report = {
  ...exampleReport,
  suite: 'reasoning',
  setup: { model: 'tiny', set: 'sums' },
  figures: [
    summariseRow('direct', 'plain', traces(100)),
    summariseRow('auto:1', 'adaptive', traces(50)),
    summariseRow('chainOfThought:cap=40', 'fixedCap', traces(40)),
    contrastScores(contrast, questionScores(traces(50)), questionScores(traces(100))),
  ].filter((figure) => figure !== null),
};

it('strategies are shown with accuracy, tokens and intervals, and compared question by question', () => {
  const markdown = toMarkdown(report, null);
  expect(markdown).toContain('## reasoning: tiny, sums');
  expect(markdown).toContain('| `direct` | 50.0 (9.5 to 90.5) % | 100 (100 to 100) | too few |');
  expect(markdown).toContain('| `chainOfThought:cap=40` (fixed cap) |');
  expect(markdown).toContain(
    '| `auto:1` against `direct` | 50.0 % against 50.0 % | +0.0 (−69.3 to +69.3) | 0.50 (0.50 to 0.50) | 2 |',
  );
});

it('every strategy and every fixed cap is a mark in the plot', () => {
  const svg = plotReport(report) ?? '';
  for (const kind of ['plain', 'adaptive', 'fixedCap']) {
    expect(svg.match(new RegExp(`<circle class="${kind}"`, 'g'))).toHaveLength(1);
  }
  expect(svg).toContain('2  auto:1: 50.0 %, 50 (n 2)');
  expect(svg).not.toContain('NaN');
});

it('the name of a strategy stands in the plot as it is', () => {
  const figures = [summariseRow('direct<b>&', 'plain', traces(100))].filter((figure) => figure !== null);
  expect(plotReport({ ...report, figures })).toContain('1  direct&lt;b&gt;&amp;: 50.0 %, 100 (n 2)');
});

it('of an earlier version, without intervals everywhere, is left out', () => {
  const [first] = report.figures;
  const earlier = { ...report, figures: [{ ...first, truncatedShare: 0 }] };
  expect(parseReport(JSON.stringify(earlier))).toBeNull();
});

it('comes back from its file', () => {
  expect(parseReport(toJson(report))).toEqual(report);
});
