import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  betaOf,
  difficultyOf,
  type QuestionScatter,
  type ShareRule,
  thresholdsOf,
} from '../../../../lab/calibrate/difficultyLabels.ts';
import { type AnswerSample, scatterOf } from '../../../../lab/calibrate/sampledQuestion.ts';

const published = { alpha: 0.85, beta: 0.35, gamma: 0.6 };

describe('labels', () => {
  test.each([
    { correctShare: 1, meanEntropyNats: 0.2, difficulty: 'normal' },
    { correctShare: 0.85, meanEntropyNats: 0.35, difficulty: 'normal' },
    { correctShare: 1, meanEntropyNats: 0.36, difficulty: 'easy' },
    { correctShare: 0.75, meanEntropyNats: 0.1, difficulty: 'easy' },
    { correctShare: 0.6, meanEntropyNats: 0.9, difficulty: 'easy' },
    { correctShare: 0.5, meanEntropyNats: 0.1, difficulty: 'hard' },
    { correctShare: 0, meanEntropyNats: 0.9, difficulty: 'hard' },
  ])('$difficulty at $correctShare right and $meanEntropyNats nats', ({ difficulty, ...scatter }) => {
    expect(difficultyOf(scatter, published)).toBe(difficulty);
  });
});

describe('β', () => {
  const solved = (nats: readonly number[]): readonly QuestionScatter[] => [
    ...nats.map((meanEntropyNats) => ({ correctShare: 1, meanEntropyNats })),
    // Questions that are not solved have no say in it.
    { correctShare: 0.5, meanEntropyNats: 7 },
  ];

  test('parts two heaps of entropies halfway between them', () => {
    const scatter = solved([0.5, 0.1, 0.12, 0.14, 0.52]);
    expect(betaOf(scatter, 0.85, { type: 'split' })).toBeCloseTo((0.14 + 0.5) / 2, 12);
  });

  test('leaves the least variance on both sides, as counted by hand', () => {
    // Of 0, 1, 2, 6 the split behind 2 leaves (1 + 0 + 1) + 0 = 2, behind 1 it leaves 0.5 + 8.
    expect(betaOf(solved([6, 0, 2, 1]), 0.85, { type: 'split' })).toBe(4);
  });

  test.each([
    { share: 0, beta: 1 },
    { share: 0.5, beta: 2 },
    { share: 0.51, beta: 3 },
    { share: 1, beta: 4 },
  ])('is what a share of $share stays within', ({ share, beta }) => {
    expect(betaOf(solved([4, 2, 1, 3]), 0.85, { type: 'percentile', share })).toBe(beta);
  });

  test('is the one value there is, and the published one where none is', () => {
    expect(betaOf(solved([0.2, 0.2]), 0.85, { type: 'split' })).toBe(0.2);
    expect(betaOf(solved([]), 0.85, { type: 'split' })).toBe(0.35);
  });
});

describe('α and γ', () => {
  /** So many questions with each share of right samples, a third of them without entropy. */
  const scatterOfCounts = (counts: readonly (readonly [share: number, count: number])[]) =>
    counts.flatMap(([correctShare, count]) =>
      Array.from({ length: count }, (_, index) => ({
        correctShare,
        meanEntropyNats: index % 3 === 0 ? 0.1 : 0.5,
      })),
    );
  const betaRule = { type: 'split' } as const;

  test('part the questions most evenly', () => {
    const scatter = scatterOfCounts([
      [0, 30],
      [0.25, 6],
      [0.75, 24],
      [1, 30],
    ]);
    // Hard 30, and of the 60 that are solved a third is sure: 20 normal, 40 easy. With 36, 18 and 36 squares add up to more.
    const thresholds = thresholdsOf(scatter, { shareRule: 'even', betaRule });
    expect(thresholds).toEqual({ alpha: 0.125, beta: expect.closeTo(0.3, 12) as number, gamma: 0.125 });
    expect(thresholdsOf(scatter, { shareRule: 'published', betaRule })).toMatchObject({
      alpha: 0.85,
      gamma: 0.6,
    });
  });

  test('are never less even than the published ones', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ correctShare: fc.constantFrom(0, 0.25, 0.5, 0.75, 1), meanEntropyNats: fc.nat(20) }),
          { minLength: 1, maxLength: 60 },
        ),
        (scatter) => {
          const squares = (shareRule: ShareRule): number => {
            const thresholds = thresholdsOf(scatter, { shareRule, betaRule });
            const classes = scatter.map((one) => difficultyOf(one, thresholds));
            const sizes = ['easy', 'normal', 'hard'].map(
              (name) => classes.filter((one) => one === name).length,
            );
            return sizes.reduce((sum, size) => sum + size * size, 0);
          };
          expect(squares('even')).toBeLessThanOrEqual(squares('published'));
        },
      ),
    );
  });

  test('part what they can where one class is the largest whatever they are', () => {
    const scatter = scatterOfCounts([
      [0, 60],
      [0.5, 12],
      [1, 18],
    ]);
    expect(thresholdsOf(scatter, { shareRule: 'even', betaRule })).toMatchObject({
      alpha: 0.25,
      gamma: 0.25,
    });
  });

  test('are the published ones where all questions are alike', () => {
    expect(thresholdsOf(scatterOfCounts([[1, 9]]), { shareRule: 'even', betaRule })).toMatchObject({
      alpha: 0.85,
      gamma: 0.6,
    });
  });
});

test('the greedy sample counts as one of them', () => {
  const sample = (temperature: number, isCorrect: boolean, meanEntropyNats: number): AnswerSample => ({
    temperature,
    isCorrect,
    meanEntropyNats,
    answer: null,
    end: 'finished',
    thoughtTokens: 1,
    answerTokens: 1,
    text: '',
  });
  const samples = [sample(0, true, 0.2), sample(0.8, true, 0.1), sample(0.8, false, 0.3)];
  const { correctShare, meanEntropyNats } = scatterOf({ samples });
  expect(correctShare).toBeCloseTo(2 / 3, 12);
  expect(meanEntropyNats).toBeCloseTo(0.2, 12);
});
