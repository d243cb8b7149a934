import { expect, test } from 'vitest';
import { valueExamplesOf } from '../../../../../lab/calibrate/valueHead/valueExamples.ts';
import type { ScoredQuestion } from '../../../../../lab/calibrate/valueSet/packedValueSet.ts';

const common = { end: 'finished', isCutOff: false, thoughtTokens: 8, answerTokens: 2, text: 'x' } as const;
const lineEnd = (generatedTokens: number) =>
  ({ place: 'lineEnd', generatedTokens, characters: 1, entropyNats: 1 }) as const;
const answer = { place: 'answer', generatedTokens: 10, characters: 9, entropyNats: 2 } as const;
const question: ScoredQuestion = {
  id: 1,
  questionHash: 'h',
  promptTokens: 3,
  candidates: [
    { ...common, isCorrect: true, answer: '4', points: [lineEnd(3), lineEnd(6), answer] },
    { ...common, isCorrect: false, answer: null, points: [lineEnd(5), answer] },
    { ...common, isCorrect: true, answer: '4', points: [answer] },
  ],
  // The prompt's first; each state is its own number.
  scores: Array.from({ length: 7 }, (_, i) => Float32Array.of(i)),
};

test('each point has its own state, its entropy so far, and only the votes before it', () => {
  const examples = valueExamplesOf(question, 5);
  expect(examples.map(({ candidate, place, scores }) => [candidate, place, scores[0]])).toEqual([
    [0, 'lineEnd', 1],
    [0, 'lineEnd', 2],
    [0, 'answer', 3],
    // The second has no answer: its end has no value, its line end has.
    [1, 'lineEnd', 4],
    [2, 'answer', 6],
  ]);
  expect(examples.every((example) => example.question === 5)).toBe(true);
  expect(examples.map(({ weight }) => weight)).toEqual([0.5, 0.5, 1, 1, 1]);
  const means = examples.map(({ features }) => features[2]);
  expect(means.slice(0, 3)).toEqual([1 / 3, 2 / 6, 4 / 10]);
  // Agreeing shares: none before the first; the third agrees with the one vote there is.
  expect(examples.map(({ features }) => features[4])).toEqual([0.5, 0.5, 0.5, 0.5, 0.75]);
});

test('another order changes who is known to whom, and nothing else', () => {
  const examples = valueExamplesOf(question, 0, [2, 1, 0]);
  expect(examples.map(({ candidate }) => candidate)).toEqual([2, 1, 0, 0, 0]);
  expect(examples.map(({ features }) => features[4])).toEqual([0.5, 0.5, 0.5, 0.5, 0.75]);
  expect(examples[0]?.scores[0]).toBe(6);
});

test('a long thought gives a few of its line ends, evenly spread', () => {
  const points = [...Array(50).keys()].map((i) => lineEnd(i + 1));
  const long = valueExamplesOf(
    {
      ...question,
      candidates: [{ ...common, isCorrect: true, answer: '4', points }],
      scores: [0, ...points].map((_, i) => Float32Array.of(i)),
    },
    0,
  );
  expect(long.map(({ scores }) => scores[0])).toEqual([1, 11, 21, 31, 41]);
  expect(long.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
});
