import { describe, expect, test } from 'vitest';
import type { Budget } from '../../../protocol/budget.ts';
import { defaultProfiles } from '../../../sidecar/difficulty/autoTable.ts';
import { longestOpening, planFor } from '../../../sidecar/difficulty/difficultyPlan.ts';
import { entropyRule, uncalibratedThresholds } from '../../../sidecar/difficulty/entropyRule.ts';

const fullBudget: Budget = {
  thoughtTokensPerCandidate: 500,
  answerTokensPerCandidate: 100,
  generatedTokens: null,
  durationMs: null,
};
const profiles = defaultProfiles;
const free = { temperature: null, budget: {}, selector: null, stepSearch: {}, earlyStopping: {} };

describe('planFor', () => {
  test.each([
    { difficulty: 'easy', strategy: 'chainOfThought', temperature: 0.5, thought: 200 },
    { difficulty: 'normal', strategy: 'selfConsistency', temperature: 0.8, thought: 500 },
    { difficulty: 'hard', strategy: 'selfConsistency', temperature: 0.4, thought: 250 },
  ] as const)('$difficulty', ({ difficulty, strategy, temperature, thought }) => {
    const plan = planFor(profiles[difficulty], 'stepByStep', { fullBudget, fixed: free });
    expect(plan).toMatchObject({ strategy, temperature });
    expect(plan.budget).toEqual({ ...fullBudget, thoughtTokensPerCandidate: thought });
  });

  test('shortens the answer of a direct prompt, which has no thought', () => {
    const plan = planFor(profiles.easy, 'direct', { fullBudget, fixed: free });
    expect(plan.strategy).toBe('direct');
    expect(plan.budget).toEqual({ ...fullBudget, answerTokensPerCandidate: 40 });
  });

  test('leaves alone what the user fixed, an unbounded member included', () => {
    const budget = { thoughtTokensPerCandidate: 77, generatedTokens: 900, durationMs: null };
    const plan = planFor(profiles.hard, 'stepByStep', {
      fullBudget: { ...fullBudget, durationMs: 5 },
      fixed: { ...free, temperature: 1.2, budget },
    });
    expect(plan.temperature).toBe(1.2);
    expect(plan.budget).toEqual({ ...budget, answerTokensPerCandidate: 100 });
  });

  test('no class has a smaller budget than the opening may use', () => {
    for (const style of ['direct', 'stepByStep'] as const) {
      const opening = longestOpening(fullBudget, style, profiles);
      for (const difficulty of ['easy', 'normal', 'hard'] as const) {
        const { budget } = planFor(profiles[difficulty], style, { fullBudget, fixed: free });
        const { answerTokensPerCandidate, thoughtTokensPerCandidate } = budget;
        expect(
          style === 'direct' ? answerTokensPerCandidate : thoughtTokensPerCandidate,
        ).toBeGreaterThanOrEqual(opening);
      }
    }
  });
});

describe('entropyRule', () => {
  const rule = entropyRule({ easyUpToNats: 0.1, hardFromNats: 0.4 });
  const judge = (openingEntropyNats: readonly number[], hasEnded = false) =>
    rule.estimate({ openingEntropyNats, hasEnded, promptState: null });

  test.each([
    { entropies: [0.1, 0.1], difficulty: 'easy', mean: 0.1 },
    { entropies: [0, 0.3], difficulty: 'normal', mean: 0.15 },
    { entropies: [0.5, 0.3], difficulty: 'hard', mean: 0.4 },
  ])('$difficulty at a mean of $mean nats', async ({ entropies, difficulty, mean }) => {
    const estimate = await judge(entropies);
    expect(estimate).toMatchObject({ difficulty, source: 'entropyRule', probabilities: null });
    expect(estimate.meanEntropyNats).toBeCloseTo(mean, 10);
    expect(estimate.why).toContain('uncalibrated');
  });

  test('an answer within a few tokens is easy, however unsure its first words were', async () => {
    expect(
      await judge(
        Array.from({ length: 15 }, () => 0.9),
        true,
      ),
    ).toMatchObject({ difficulty: 'easy' });
    expect(
      await judge(
        Array.from({ length: 16 }, () => 0.9),
        true,
      ),
    ).toMatchObject({ difficulty: 'hard' });
    expect(await judge([0.9, 0.9])).toMatchObject({ difficulty: 'hard' });
  });

  test('reads no further than its opening', async () => {
    const opening = Array.from({ length: rule.openingTokens(null) }, () => 0);
    expect(await judge([...opening, 9, 9, 9])).toMatchObject({ difficulty: 'easy', meanEntropyNats: 0 });
  });

  test('takes the middle class where there is nothing to read', async () => {
    expect(await judge([])).toMatchObject({ difficulty: 'normal', meanEntropyNats: null });
  });

  test('the shipped thresholds leave room for each class', () => {
    expect(uncalibratedThresholds.easyUpToNats).toBeGreaterThan(0);
    expect(uncalibratedThresholds.hardFromNats).toBeGreaterThan(uncalibratedThresholds.easyUpToNats);
  });
});
