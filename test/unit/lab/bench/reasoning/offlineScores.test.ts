import { describe, expect, it } from 'vitest';
import { replayConsensus } from '../../../../../lab/bench/reasoning/earlyStopReplay.ts';
import { offlineScores } from '../../../../../lab/bench/reasoning/offlineScores.ts';
import { rawCandidate, rawTrace } from '../../../../support/trace/rawTraces.ts';

const candidates = [
  rawCandidate('right', 40),
  rawCandidate('right', 10),
  rawCandidate('wrong', 20),
  rawCandidate('right', 30),
  rawCandidate('wrong', 100),
];

describe('a replayed vote', () => {
  it('without an early end costs all that was written', () => {
    expect(replayConsensus(candidates, 'off')).toEqual({ isRight: true, tokens: 200 });
  });

  it('ends when the rest cannot overturn the lead, and cuts those that still ran at that length', () => {
    // After 10, 20, 30 and 40 tokens the votes are 3 to 1 with one to come: the fifth is cut at 40.
    expect(replayConsensus(candidates, 'certain')).toEqual({ isRight: true, tokens: 40 + 10 + 20 + 30 + 40 });
  });

  it('ends sooner when the lead is likely to stay, and what waits for that never begins', () => {
    const agreeing = [10, 20, 30, 40, 50, 60].map((length) => rawCandidate('right', length));
    expect(replayConsensus(agreeing, 'likely')).toEqual({ isRight: true, tokens: 10 + 20 });
    expect(replayConsensus(agreeing, 'certain')).toEqual({ isRight: true, tokens: 10 + 20 + 30 + 3 * 40 });
  });

  it('goes on in waves where the first do not agree', () => {
    const answers = ['wrong', 'right', 'right', 'right', 'right', 'wrong', 'wrong', 'wrong'];
    const scattered = answers.map((answer, place) => rawCandidate(answer, 10 * (place + 1)));
    expect(replayConsensus(scattered, 'likely')).toEqual({ isRight: true, tokens: 10 + 20 + 30 + 40 + 50 });
    expect(replayConsensus(scattered, 'off')).toEqual({ isRight: true, tokens: 360 });
  });

  it('goes without the vote of a candidate that was cut off', () => {
    const cut = [rawCandidate('right', 50, { end: 'truncated' }), rawCandidate('wrong', 10)];
    expect(replayConsensus(cut, 'off')).toEqual({ isRight: false, tokens: 60 });
  });

  it('of candidates that gave no answer is wrong', () => {
    expect(replayConsensus([rawCandidate(null, 5), rawCandidate(null, 5)], 'certain').isRight).toBe(false);
  });
});

describe('offline scores', () => {
  it('compare selectors and early stops with majority on the same candidates', () => {
    const figures = offlineScores('selfConsistency:5', [
      rawTrace('a', candidates),
      rawTrace('b', [rawCandidate('wrong', 10), rawCandidate('wrong', 20), rawCandidate('right', 30)]),
    ]);
    const of = (name: string) => figures.find(({ subjectName }) => subjectName === name);
    expect(of('first alone')).toMatchObject({ accuracy: 0.5, baselineAccuracy: 0.5, questions: 2 });
    expect(of('any right (no selector can do better)')).toMatchObject({ accuracy: 1 });
    // 140 and 50 tokens of 200 and 60.
    expect(of('consensus=certain')?.tokenRatio.estimate).toBeCloseTo(190 / 260);
  });

  it('leave no selector above the best that any could do, not even where all were cut off', () => {
    const cut = rawCandidate('right', 40, { end: 'truncated' });
    const figures = offlineScores('selfConsistency:2', [
      // Nobody voted, so who got furthest is taken.
      rawTrace('a', [cut, rawCandidate(null, 40, { end: 'truncated' })]),
      rawTrace('b', [cut, rawCandidate(null, 10)]),
      // A vote goes before it.
      rawTrace('c', [cut, rawCandidate('wrong', 10)]),
    ]);
    const best = figures.find(({ subjectName }) => subjectName === 'any right (no selector can do better)');
    expect(best).toMatchObject({ accuracy: 2 / 3, baselineAccuracy: 2 / 3 });
  });

  it('are none of candidates that were stopped early, or alone', () => {
    expect(offlineScores('x', [rawTrace('a', [rawCandidate('right', 5)])])).toEqual([]);
    const pruned = [rawCandidate('right', 5), rawCandidate(null, 5, { end: 'pruned' })];
    expect(offlineScores('x', [rawTrace('a', pruned)])).toEqual([]);
  });
});
