import { describe, expect, test } from 'vitest';
import type { Budget } from '../../../../../protocol/budget.ts';
import type { UserChoices } from '../../../../../protocol/reasoningOptions.ts';
import { difficultyClasses } from '../../../../../protocol/traceEvent.ts';
import { codeProfiles, defaultProfiles } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import {
  fixedByUser,
  longestProbePrefix,
  planFor,
} from '../../../../../sidecar/reasoning/difficulty/difficultyPlan.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';

const fullBudget: Budget = {
  thoughtTokensPerCandidate: 500,
  answerTokensPerCandidate: 100,
  generatedTokens: null,
  durationMs: null,
};
const profiles = defaultProfiles;
const candidateCount = 4;
const free = { budget: {}, stepSearch: {}, earlyStopping: {} };

describe('planFor', () => {
  test.each(difficultyClasses)(
    '%s: one greedy thought with the full budget, unless measured',
    (difficulty) => {
      const plan = planFor(profiles[difficulty], 'stepByStep', { fullBudget, fixed: free, candidateCount });
      expect(plan).toMatchObject({ strategy: 'chainOfThought', temperature: 0, candidates: 1 });
      expect(plan.budget).toEqual(fullBudget);
    },
  );

  test('gives a class its share of the thought where a table says so', () => {
    const half = { ...profiles.easy, tokenShare: 0.5 };
    const plan = planFor(half, 'stepByStep', { fullBudget, fixed: free, candidateCount });
    expect(plan.budget).toEqual({ ...fullBudget, thoughtTokensPerCandidate: 250 });
  });

  const sampled = { temperature: 0.8, tokenShare: 0.5, candidates: 16 } as const;
  const ofOne = { fullBudget, fixed: free, candidateCount: 1 };

  test.each(['selfConsistency', 'hedgedBestOfN', 'verifyByContext', 'refineFirstError'] as const)(
    'one candidate of %s would be a random draw, so it is one greedy thought instead',
    (strategy) => {
      const plan = planFor({ strategy, ...sampled }, 'stepByStep', ofOne);
      expect(plan).toMatchObject({ strategy: 'chainOfThought', temperature: 0, candidates: 1 });
      expect(plan.budget.thoughtTokensPerCandidate).toBe(250);
      const byTable = planFor({ strategy, ...sampled, candidates: 1 }, 'stepByStep', {
        ...ofOne,
        candidateCount: 8,
      });
      expect(byTable).toEqual(plan);
      const fixed = { ...free, temperature: 0.3 };
      expect(planFor({ strategy, ...sampled }, 'stepByStep', { ...ofOne, fixed }).temperature).toBe(0.3);
      const several = planFor({ strategy, ...sampled }, 'stepByStep', { ...ofOne, candidateCount: 2 });
      expect(several).toMatchObject({ strategy, temperature: 0.8, candidates: 2 });
    },
  );

  test.each(['chainOfThought', 'stepBeam', 'aStar', 'direct'] as const)(
    'one candidate of %s is what it says',
    (strategy) => {
      const plan = planFor({ strategy, ...sampled }, 'stepByStep', ofOne);
      expect(plan).toMatchObject({ strategy, temperature: 0.8 });
    },
  );

  test('one candidate of directBestOfN is a program, which may be as long as a thought and its answer', () => {
    const plan = planFor({ strategy: 'directBestOfN', ...sampled }, 'stepByStep', ofOne);
    expect(plan).toMatchObject({ strategy: 'directBestOfN', candidates: 1 });
    expect(plan.budget).toMatchObject({ thoughtTokensPerCandidate: 0, answerTokensPerCandidate: 350 });
  });

  test('thoughts begin at their first step where the table says so, and the user does not say otherwise', () => {
    const brief = { strategy: 'chainOfThought', skipPreamble: true, ...sampled } as const;
    const skips = (choice: UserChoices) =>
      planFor(brief, 'stepByStep', { ...ofOne, fixed: { ...free, ...choice } }).skipPreamble;
    const choices = [{}, { skipPreamble: true }, { skipPreamble: false }];
    expect(choices.map(skips)).toEqual([true, true, false]);
    expect(planFor(profiles.easy, 'stepByStep', ofOne).skipPreamble).toBeUndefined();
  });

  test.each(difficultyClasses)('code that is %s has the full budget, unless measured', (difficulty) => {
    const plan = planFor(codeProfiles([])[difficulty], 'direct', { fullBudget, fixed: free, candidateCount });
    expect(plan).toMatchObject({ strategy: 'direct', temperature: 0.2, candidates: 1 });
    expect(plan.budget).toEqual(fullBudget);
  });

  test('shortens the answer of a direct prompt, which has no thought, where a table says so', () => {
    const half = { ...codeProfiles([]).easy, tokenShare: 0.5 };
    const plan = planFor(half, 'direct', { fullBudget, fixed: free, candidateCount });
    expect(plan.budget).toEqual({ ...fullBudget, answerTokensPerCandidate: 50 });
  });

  test('leaves alone what the user fixed, an unbounded member included', () => {
    const budget = { thoughtTokensPerCandidate: 77, generatedTokens: 900, durationMs: null };
    const plan = planFor(profiles.hard, 'stepByStep', {
      fullBudget: { ...fullBudget, durationMs: 5 },
      fixed: { ...free, temperature: 1.2, budget },
      candidateCount,
    });
    expect(plan.temperature).toBe(1.2);
    expect(plan.budget).toEqual({ ...budget, answerTokensPerCandidate: 100 });
  });

  test('no class has a smaller budget than the probe prefix may use', () => {
    for (const [style, profiles] of [
      ['direct', codeProfiles([])],
      ['stepByStep', defaultProfiles],
    ] as const) {
      const probePrefix = longestProbePrefix(fullBudget, style, profiles);
      for (const difficulty of difficultyClasses) {
        const { budget } = planFor(profiles[difficulty], style, { fullBudget, fixed: free, candidateCount });
        const { answerTokensPerCandidate, thoughtTokensPerCandidate } = budget;
        expect(
          style === 'direct' ? answerTokensPerCandidate : thoughtTokensPerCandidate,
        ).toBeGreaterThanOrEqual(probePrefix);
      }
    }
  });
});

describe('what the user fixed', () => {
  const fixed: UserChoices = {
    temperature: 0.3,
    budget: { generatedTokens: 90 },
    selector: 'mostConfident',
    stepSearch: { maxSteps: 2 },
    earlyStopping: { trialConfidence: 0 },
    skipPreamble: true,
    repair: false,
  };
  const always = ['difficulty', 'temperature', 'budget', 'earlyStopping'];

  test.each([
    ['direct', []],
    ['chainOfThought', ['skipPreamble']],
    ['selfConsistency', ['selector', 'skipPreamble']],
    ['stepBeam', ['selector', 'stepSearch']],
    ['aStar', ['stepSearch']],
    ['refineFirstError', ['selector']],
    ['directBestOfN', ['repair', 'selector']],
  ] as const)('of %s is named where it takes it', (strategy, taken) => {
    const named = fixedByUser(fixed, { strategy, isDifficultyFixed: true });
    expect(named.toSorted()).toEqual([...always, ...taken].toSorted());
    expect(fixedByUser(free, { strategy, isDifficultyFixed: false })).toEqual([]);
  });
});

describe('entropyRule', () => {
  const rule = entropyRule({ easyUpToNats: 0.1, hardFromNats: 0.4 });
  const judge = (probePrefixEntropyNats: readonly number[], hasEnded = false) =>
    rule.estimate({ probePrefixEntropyNats, hasEnded, promptState: null });

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

  test('reads no further than its probe prefix', async () => {
    const probePrefix = Array.from({ length: rule.probePrefixTokens(null) }, () => 0);
    expect(await judge([...probePrefix, 9, 9, 9])).toMatchObject({ difficulty: 'easy', meanEntropyNats: 0 });
  });

  test('takes the middle class where there is nothing to read', async () => {
    expect(await judge([])).toMatchObject({ difficulty: 'normal', meanEntropyNats: null });
  });

  test('the shipped thresholds leave room for each class', () => {
    expect(uncalibratedThresholds.easyUpToNats).toBeGreaterThan(0);
    expect(uncalibratedThresholds.hardFromNats).toBeGreaterThan(uncalibratedThresholds.easyUpToNats);
  });
});
