import { describe, expect, it } from 'vitest';
import {
  contrastScores,
  questionScores,
  summariseRow,
} from '../../../../../lab/bench/reasoning/rowSummary.ts';
import { rawCandidate, rawTrace } from '../../../../support/trace/rawTraces.ts';

const right = rawCandidate('right', 10, { isSelected: true });
const wrong = rawCandidate('wrong', 30, { isSelected: true });
const cut = rawCandidate(null, 50, { isSelected: true, end: 'truncated' });

describe('scores of questions', () => {
  it('are means over the seeds of each', () => {
    const scores = questionScores([
      rawTrace('a', [right]),
      rawTrace('a', [wrong], { seed: 2 }),
      rawTrace('b', [wrong], { machineMs: 6000 }),
    ]);
    expect(scores).toEqual([
      { questionId: 'a', accuracy: 0.5, tokens: 20, seconds: 2 },
      { questionId: 'b', accuracy: 0, tokens: 30, seconds: 6 },
    ]);
  });
});

describe('the summary of a row', () => {
  it('counts what is right, spent and cut off', () => {
    const traces = [
      rawTrace('a', [right]),
      rawTrace('b', [right]),
      rawTrace('c', [right], { ledger: { ...rawTrace('c', [right]).ledger, durationMs: 9000 } }),
      rawTrace('d', [cut]),
    ];
    const figure = summariseRow('chainOfThought', 'plain', traces);
    expect(figure).toMatchObject({ questions: 4, runs: 4, truncatedShare: { estimate: 0.25 } });
    expect(figure?.truncatedShare.low).toBeCloseTo(0.046, 3);
    expect(figure?.accuracy.estimate).toBe(0.75);
    expect(figure?.accuracy.high).toBeCloseTo(1 - 0.046, 3);
    // 3 × 10 and 50 tokens.
    expect(figure?.generatedTokens.estimate).toBe(20);
    expect(figure?.tokensPerCorrect?.estimate).toBeCloseTo(80 / 3);
    const { prompt, thought, answer } = figure?.tokensByPurpose ?? {};
    expect(prompt).toEqual({ estimate: 20, low: 20, high: 20 });
    expect([thought?.estimate, answer?.estimate]).toEqual([19, 1]);
    expect(thought?.high).toBeGreaterThan(thought?.estimate ?? Infinity);
    expect(figure?.latencyMs).toMatchObject({
      median: { estimate: 4000, low: 4000 },
      p90: { estimate: 9000, low: 4000, high: 9000 },
    });
  });

  it('has nothing to say of tokens a right answer where none is right', () => {
    const figure = summariseRow('direct', 'plain', [rawTrace('a', [wrong])]);
    expect(figure?.accuracy).toMatchObject({ estimate: 0, low: 0 });
    expect(figure?.accuracy.high).toBeGreaterThan(0.5);
    expect(figure?.tokensPerCorrect).toBeNull();
    expect(figure?.secondsPerCorrect).toBeNull();
  });

  it('is null without a question', () => {
    expect(summariseRow('direct', 'plain', [])).toBeNull();
  });
});

describe('a contrast', () => {
  const names = { name: 'n', group: 'strategies', subjectName: 's', baselineName: 'b' } as const;
  const score = (questionId: string, accuracy: number, tokens: number) => {
    return { questionId, accuracy, tokens, seconds: 1 };
  };

  it('is taken question by question, on those that both answered', () => {
    const subject = [score('a', 1, 10), score('b', 0, 20), score('only here', 1, 1000)];
    const baseline = [score('b', 0, 40), score('a', 1, 20), score('only there', 0, 1000)];
    const figure = contrastScores(names, subject, baseline);
    expect(figure?.accuracyDifference.high).toBeGreaterThan(0.5);
    expect(figure).toMatchObject({
      type: 'contrast',
      ...names,
      questions: 2,
      accuracy: 0.5,
      baselineAccuracy: 0.5,
      accuracyDifference: { estimate: 0 },
      tokenRatio: { estimate: 0.5, low: 0.5, high: 0.5 },
    });
  });

  it('has an interval that is narrower than that of either side where both agree on most', () => {
    const questions = Array.from({ length: 100 }, (_, index) => index);
    const subject = questions.map((q) => score(`${q}`, q < 52 ? 1 : 0, 10));
    const baseline = questions.map((q) => score(`${q}`, q < 50 ? 1 : 0, 10));
    const interval = contrastScores(names, subject, baseline)?.accuracyDifference;
    expect(interval?.estimate).toBeCloseTo(0.02);
    expect(interval?.low).toBeGreaterThan(-0.03);
    expect(interval?.high).toBeLessThan(0.06);
  });

  it('is null where nothing was answered by both', () => {
    expect(contrastScores(names, [score('a', 1, 1)], [score('b', 1, 1)])).toBeNull();
  });
});
