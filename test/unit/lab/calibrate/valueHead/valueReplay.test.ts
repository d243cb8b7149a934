import { expect, test } from 'vitest';
import {
  fitRules,
  replay,
  type ReplayedQuestion,
} from '../../../../../lab/calibrate/valueHead/valueReplay.ts';

const right = (value: number) => ({ answer: 'r', isCorrect: true, value, tokens: 100 });
const wrong = (value: number, answer = 'w') => ({ answer, isCorrect: false, value, tokens: 200 });

test('a replay takes candidates one after another, and counts what it took', () => {
  const questions: readonly ReplayedQuestion[] = [
    [right(0.9), wrong(0.1), wrong(0.1)],
    [wrong(0.1), right(0.9), wrong(0.1)],
  ];
  const never = { kappa: 0, settledAt: 2, hopelessBelow: 0 };
  // By count two wrong votes win both.
  expect(replay(questions, never)).toEqual({ accuracy: 0, meanTokens: 500, meanCandidates: 3 });
  expect(replay(questions, { ...never, kappa: 8 }).accuracy).toBe(1);
  // The first settles at once; the second at its second candidate, which weighs more.
  expect(replay(questions, { kappa: 8, settledAt: 0.85, hopelessBelow: 0 })).toEqual({
    accuracy: 1,
    meanTokens: (100 + 300) / 2,
    meanCandidates: 1.5,
  });
  expect(replay([], never)).toEqual({ accuracy: 0, meanTokens: 0, meanCandidates: 0 });
});

test('fitted rules are as right as the full vote, with values that tell at a fraction of its tokens', () => {
  const questions: readonly ReplayedQuestion[] = Array.from({ length: 20 }, (_, i) =>
    i % 2 === 0
      ? [right(0.9), right(0.85), right(0.9), wrong(0.1)]
      : [wrong(0.05), wrong(0.02, 'x'), wrong(0.05, 'y'), wrong(0.02, 'z')],
  );
  const { rules, fullVote, allocated, weightedVote } = fitRules(questions);
  expect(rules.kappa).toBeGreaterThan(0);
  expect(fullVote.accuracy).toBe(0.5);
  expect(weightedVote.accuracy).toBe(0.5);
  expect(allocated.accuracy).toBe(0.5);
  // One candidate each: settled, or hopeless.
  expect(allocated.meanCandidates).toBe(1);
});

test('values that mislead get no weight, and stop nothing early at a cost', () => {
  const questions: readonly ReplayedQuestion[] = Array.from({ length: 12 }, () => [
    wrong(0.9),
    right(0.3),
    right(0.3),
    wrong(0.9, 'x'),
  ]);
  const { rules, fullVote, allocated } = fitRules(questions);
  expect(rules.kappa).toBe(0);
  expect(fullVote.accuracy).toBe(1);
  expect(allocated.accuracy).toBe(1);
  expect(allocated.meanCandidates).toBeGreaterThan(1);
});
