import { describe, expect, it } from 'vitest';
import { doubtNats } from '../../../../protocol/tokenColumns.ts';
import { initialTraceState, reduceTraceAll } from '../../../../protocol/traceState.ts';
import { entropySeries, runningMean, summariseEntropy } from '../../../../webview-ui/charts/entropySeries.ts';
import { generatedTrace } from '../../../support/trace/generatedTrace.ts';
import { tokenRun } from '../../../support/trace/tokenRun.ts';

describe('runningMean', () => {
  it('looks back over the window and no further', () => {
    expect(runningMean([4, 2, 0, 6], 2)).toEqual([4, 3, 1, 3]);
  });

  it('passes over tokens that are no doubt', () => {
    expect(runningMean([null, 4, null, 2, null, null], 2)).toEqual([null, 4, 4, 2, 2, null]);
  });

  it('never drifts below zero', () => {
    const values = Array.from({ length: 1000 }, (_, index) => (index < 500 ? 0.1 * index : 0));
    expect(runningMean(values, 16).at(-1)).toBeGreaterThanOrEqual(0);
    expect(runningMean(values, 16).at(-1)).toBeCloseTo(0);
  });
});

describe('entropySeries', () => {
  it('pads every candidate to the same length, as the chart needs', () => {
    const { candidates } = reduceTraceAll(initialTraceState, generatedTrace({ tokensPerCandidate: 100 }));
    const [first] = candidates;
    const series = entropySeries(candidates, first ?? null);
    expect(series.positions).toHaveLength(100);
    expect(series.raw).toEqual(first?.tokens.entropyNats);
    expect(series.means.map((mean) => mean.length)).toEqual([100, 100, 100, 100]);
    expect(series.means[3]?.at(-1)).toBeNull();
    expect(series.rawUpper).toBeNull();
  });

  it('has the upper bounds too, where entropies are intervals', () => {
    const [first] = reduceTraceAll(initialTraceState, generatedTrace({ tokensPerCandidate: 3 })).candidates;
    if (first === undefined) throw new Error('There is a candidate.');
    const bounded = { ...first, tokens: { ...tokenRun([1, 2, 3]), entropyUpperNats: [2, 3, 4] } };
    expect(entropySeries([bounded], bounded)).toMatchObject({ raw: [1, 2, 3], rawUpper: [2, 3, 4] });
  });
});

describe('summariseEntropy', () => {
  it('finds mean, peak and the share of tokens as doubtful as a choice of two', () => {
    expect(summariseEntropy([0, 1, 2, 1])).toEqual({
      tokenCount: 4,
      meanNats: 1,
      highestNats: 2,
      highestAtToken: 2,
      doubtfulShare: 0.75,
    });
  });

  it('leaves out tokens that the text had to begin with', () => {
    const { sources, ...tokens } = tokenRun([3, 1, 0]);
    const doubts = doubtNats({ ...tokens, sources: ['required', ...sources.slice(1)] });
    expect(summariseEntropy(doubts)).toEqual({
      tokenCount: 3,
      meanNats: 0.5,
      highestNats: 1,
      highestAtToken: 1,
      doubtfulShare: 0.5,
    });
    expect(summariseEntropy([null])).toMatchObject({ tokenCount: 1, meanNats: null, highestNats: null });
  });

  it('claims nothing of a candidate without tokens', () => {
    expect(summariseEntropy([])).toMatchObject({ tokenCount: 0, meanNats: null, doubtfulShare: null });
  });
});
