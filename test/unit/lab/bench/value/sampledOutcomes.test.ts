import { expect, test } from 'vitest';
import { waysToChoose, waysToStop } from '../../../../../lab/bench/value/sampledOutcomes.ts';
import type { ReplayedQuestion } from '../../../../../lab/calibrate/valueHead/valueReplay.ts';

const rules = { kappa: 4, settledAt: 0.7, hopelessBelow: 0 };

/** Candidates of 100, 200, … tokens; "r" is right. */
function sampled(
  ...candidates: readonly (readonly [answer: string | null, value: number])[]
): ReplayedQuestion {
  return candidates.map(([answer, value], index) => {
    return { answer, value, isCorrect: answer === 'r', tokens: 100 * (index + 1) };
  });
}

const misled = sampled(['w', 0.1], ['w', 0.2], ['r', 0.9], ['x', 0.1]);

test('each way chooses among all candidates by its own rule', () => {
  const ways = waysToChoose(rules);
  const rightBy = Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, way(misled).isRight]));
  expect(rightBy).toEqual({
    majority: false,
    valueWeighted: true,
    // Two of four gave the wrong answer, and nobody else has two.
    bestByValue: false,
    'any right (no way can do better)': true,
  });
  for (const way of Object.values(ways)) expect(way(misled).tokens).toBe(1000);
  const two = sampled(['w', 0.1], ['r', 0.8], ['w', 0.2], ['r', 0.9], ['w', 0.1]);
  expect(ways['bestByValue']?.(two).isRight).toBe(true);
});

test('ties of the majority go to the shorter answer, as in the product', () => {
  const tie: ReplayedQuestion = (['w', 'r', 'w', 'r'] as const).map((answer) => {
    return { answer, value: 0.5, isCorrect: answer === 'r', tokens: answer === 'r' ? 100 : 300 };
  });
  expect(waysToChoose(rules)['majority']?.(tie).isRight).toBe(true);
});

test('each stop counts the tokens up to there, and takes what leads by then', () => {
  const stops = waysToStop(rules, 4);
  const outcomes = Object.fromEntries(Object.entries(stops).map(([name, way]) => [name, way(misled)]));
  expect(outcomes).toEqual({
    '1 of them': { isRight: false, tokens: 100 },
    '2 of them': { isRight: false, tokens: 300 },
    'until two agree': { isRight: false, tokens: 300 },
    'consensus=likely, one after another': { isRight: false, tokens: 300 },
    'settled or hopeless by value': { isRight: true, tokens: 600 },
  });
});

test('a question without any answer is sampled to its end', () => {
  const silent = sampled([null, 0], [null, 0]);
  for (const [name, way] of Object.entries(waysToStop(rules, 2)))
    expect([name, way(silent)]).toEqual([name, { isRight: false, tokens: name === '1 of them' ? 100 : 300 }]);
});
