import { describe, expect, test } from 'vitest';
import { optionsOf, type ReasoningChoices } from '../../../../../protocol/reasoningOptions.ts';
import { type SelectorId, selectorIds } from '../../../../../protocol/selectorTable.ts';
import { type StrategyId, strategyIds } from '../../../../../protocol/strategyTable.ts';
import { capabilityTiers } from '../../../../../sidecar/engine/scripted/capabilityTiers.ts';
import { fitCapabilities, fitThinkLevel } from '../../../../../sidecar/reasoning/context/fitCapabilities.ts';
import { defaultSettings } from '../../../../../sidecar/validation/sidecarSettings.ts';

type Tier = keyof typeof capabilityTiers;

function fit(
  tier: Tier,
  strategy: StrategyId,
  {
    selector = 'majority',
    candidateCount = 4,
    isReproducible = false,
    ...choices
  }: ReasoningChoices & {
    readonly selector?: SelectorId;
    readonly candidateCount?: number;
    readonly isReproducible?: boolean;
  } = {},
) {
  const options = optionsOf(defaultSettings, choices);
  return fitCapabilities(
    { strategy, selectorFor: () => selector, candidateCount, options, isReproducible },
    capabilityTiers[tier],
  );
}

const everything = {
  skipPreamble: true,
  earlyStopping: { trialConfidence: 0.95, steadyAnswers: true, confidencePruning: 'strict' },
} as const;

describe('a model of this machine', () => {
  test.each(strategyIds)('does all that %s asks for', (strategy) => {
    for (const selector of selectorIds) {
      const fitted = fit('local', strategy, { selector, isReproducible: true, ...everything });
      expect(fitted).toMatchObject({ strategy, selector, replacements: [] });
      expect(fitted.options).toEqual(optionsOf(defaultSettings, everything));
    }
  });
});

describe('llama-server', () => {
  test.each(strategyIds)('runs %s', (strategy) => {
    expect(fit('llamaServer', strategy)).toMatchObject({ strategy, replacements: [] });
  });

  test('has the majority decide where a selector reads states or exact entropies', () => {
    const replaced = selectorIds.filter(
      (selector) => fit('llamaServer', 'selfConsistency', { selector }).selector !== selector,
    );
    expect(replaced).toEqual(['entropySteadiness', 'valueWeighted', 'bestByValue']);
  });

  test('ends no thought for a steady answer, and says so', () => {
    const fitted = fit('llamaServer', 'chainOfThought', everything);
    expect(fitted.options.earlyStopping).toMatchObject({ ...everything.earlyStopping, steadyAnswers: false });
    expect(fitted.replacements).toEqual([
      'No thought ends for a steady answer, because the server gives no exact entropy.',
    ]);
  });
});

describe('a server of completions', () => {
  test('takes a list of texts, and no grammar', () => {
    expect(fit('completions', 'refineFirstError').replacements).toEqual([]);
    expect(fit('completions', 'verifyByContext', { selector: 'contextCheck' }).replacements).toEqual([]);
    const judged = fit('completions', 'selfConsistency', { selector: 'checklistJudge' });
    expect(judged.selector).toBe('checklistJudge');
    expect(judged.replacements).toEqual([expect.stringContaining('without a grammar')]);
  });
});

describe('a server that answers conversations only', () => {
  test.each([
    ['auto', 'auto'],
    ['direct', 'direct'],
    ['chainOfThought', 'chainOfThought'],
    ['selfConsistency', 'selfConsistency'],
    ['hedgedBestOfN', 'hedgedBestOfN'],
    ['verifyByContext', 'selfConsistency'],
    ['stepBeam', 'selfConsistency'],
    ['aStar', 'chainOfThought'],
    ['refineFirstError', 'selfConsistency'],
    ['directBestOfN', 'directBestOfN'],
  ] as const)('gets for %s: %s', (strategy, expected) => {
    const { strategy: fitted, replacements } = fit('chatOnly', strategy);
    expect(fitted).toBe(expected);
    expect(replacements.some((why) => why.includes('in place of'))).toBe(strategy !== expected);
  });

  test('gets one thought in place of a search that would vote alone', () => {
    expect(fit('chatOnly', 'stepBeam', { candidateCount: 1 }).strategy).toBe('chainOfThought');
  });

  test('stops nothing early, and says of each why', () => {
    const { options, replacements } = fit('chatOnly', 'selfConsistency', {
      ...everything,
      selector: 'mostConfident',
      isReproducible: true,
    });
    expect(options).toMatchObject({
      skipPreamble: false,
      earlyStopping: { trialConfidence: 0, steadyAnswers: false, confidencePruning: 'off' },
    });
    expect(replacements).toHaveLength(7);
    for (const why of replacements) expect(why).toMatch(/^[A-Z].*, because .*\.$/u);
  });

  test('is asked for no verdict where one answers alone', () => {
    expect(fit('chatOnly', 'direct', { selector: 'checklistJudge' })).toMatchObject({ replacements: [] });
  });
});

test('a level of thought of a model without a thinking mode has no effect', () => {
  expect(fitThinkLevel('low', { thinking: null })).toEqual({
    think: 'on',
    why: ['The level of thought “low” has no effect, because the model has no thinking mode.'],
  });
  expect(fitThinkLevel('off', { thinking: null })).toEqual({ think: 'off', why: [] });
});
