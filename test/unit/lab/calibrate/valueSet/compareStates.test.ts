import { expect, it } from 'vitest';
import { compareStates } from '../../../../../lab/calibrate/valueSet/compareStates.ts';
import type { StatedQuestion } from '../../../../../lab/calibrate/valueSet/valueQuestion.ts';
import { comparisonLines } from '../../../../../lab/calibrate/command/comparisonLines.ts';
import { uniformAt } from '../../../../../sidecar/numeric/random.ts';

const size = 36;
const samples = 4;

/** Answers that are right where one number of their state is above zero, among numbers of which none matters. */
function questionsOf(count: number): readonly StatedQuestion[] {
  return Array.from({ length: count }, (_, id) => {
    const noise = (stream: number): Float32Array =>
      Float32Array.from({ length: size }, (_value, i) => uniformAt(id, stream, i) - 0.5);
    const answers = Array.from({ length: samples }, (_state, i) => noise(10 + i));
    return {
      id,
      questionHash: `hash ${id}`,
      promptTokens: 5,
      candidates: answers.map((state) => ({
        isCorrect: (state[3] ?? 0) > 0,
        answer: '1',
        end: 'finished',
        isCutOff: false,
        thoughtTokens: 5,
        answerTokens: 1,
        text: 'x',
        points: [
          { place: 'lineEnd', generatedTokens: 1, characters: 1, entropyNats: 0 },
          { place: 'answer', generatedTokens: 2, characters: 2, entropyNats: 0 },
        ],
      })),
      // The prompt's, then of each candidate a line end's, which says nothing, and the answer's.
      states: [noise(0), ...answers.flatMap((state, i) => [noise(20 + i), state])],
    };
  });
}

it('refuses few questions, and answers that are all alike', () => {
  const alike = questionsOf(40).map((question) => ({
    ...question,
    candidates: question.candidates.map((candidate) => ({ ...candidate, isCorrect: false })),
  }));
  for (const questions of [alike, questionsOf(5), []]) {
    expect(() => compareStates(questions, () => undefined)).toThrow(
      expect.objectContaining({ code: 'calibration.unbalanced' }),
    );
  }
});

it('compares whole states with components of 32, 8 and 4 bits by what a linear head reads from them', () => {
  const seen: string[] = [];
  const comparison = compareStates(questionsOf(120), ({ form }) => seen.push(form));
  expect(seen).toEqual(['whole', '32 components', '32 components, 8 bits', '32 components, 4 bits']);
  const { candidateCount, constantLogLossNats, forms } = comparison;
  expect(candidateCount).toBe(120 * samples);
  expect(constantLogLossNats).toBeCloseTo(Math.LN2, 2);
  const [whole, components, fine, coarse] = forms;
  // Read at the answers: states at line ends are noise.
  expect(whole?.auroc).toBeGreaterThan(0.95);
  expect(whole?.aurocWithinQuestion).toBeGreaterThan(0.95);
  expect(whole?.logLossNats).toBeLessThan(0.6 * constantLogLossNats);
  expect(whole?.differenceError).toBe(0);
  expect(forms.map(({ bytes }) => bytes)).toEqual([72, 128, 32, 16]);
  expect(components?.logLossNats).toBeGreaterThan(whole?.logLossNats ?? NaN);
  expect(fine?.logLossNats).toBeCloseTo(components?.logLossNats ?? NaN, 2);
  expect(coarse?.differenceError).toBeGreaterThan(0);
  const [head, , names, , first] = comparisonLines(comparison);
  expect(head).toBe(
    `480 answers to 120 questions, ${(100 * comparison.correctShare).toFixed(1)} % right; ` +
      `log-loss of a constant ${constantLogLossNats.toFixed(4)}`,
  );
  expect(names).toContain('| state | bytes |');
  expect(first).toMatch(/^\| whole \| 72 \| \d+ \| 0\.\d{4} \| \+0\.0000 ± 0\.0000 \|/);
});
