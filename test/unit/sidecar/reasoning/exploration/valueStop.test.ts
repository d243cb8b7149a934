import { expect, test } from 'vitest';
import { optionsOf } from '../../../../../protocol/reasoningOptions.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import type { ValueHead } from '../../../../../sidecar/reasoning/value/valueHead.ts';
import { defaultSettings } from '../../../../../sidecar/validation/sidecarSettings.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

/** Answers of candidates in the order in which they are sampled, with the value of each: the engine's state shows it. */
async function sampled(
  candidates: readonly (readonly [answer: string, value: number])[],
  { rules, consensus = 'likely' }: { rules: Partial<ValueHead['rules']>; consensus?: 'likely' | 'certain' },
) {
  const head: ValueHead = {
    rules: { kappa: 1, settledAt: 2, hopelessBelow: 0, ...rules },
    places: ['answer'],
    values: (inputs) => Promise.resolve(inputs.map(({ state }) => state[0] ?? NaN)),
    dispose: () => Promise.resolve(),
  };
  const { state, result } = await runScripted(
    scriptBySequence(candidates.map(([answer]) => [`so it is.\nFinal answer:`, ` ${answer}\n`])),
    {
      request: {
        strategy: 'selfConsistency',
        candidateCount: candidates.length,
        maxThoughtTokens: 40,
        selector: 'valueWeighted',
        earlyStopping: optionsOf(defaultSettings, { earlyStopping: { consensus } }).earlyStopping,
      },
      engine: {
        local: { hiddenSize: 1 },
        hiddenState: (text: string) =>
          Float32Array.of(candidates.find(([answer]) => text.trimEnd().endsWith(` ${answer}`))?.[1] ?? 0),
      },
      dependencies: { valueHead: head },
    },
  );
  const stops = state.decisions.filter(({ kind }) => kind.endsWith('ByValue'));
  return {
    opened: state.candidates.length,
    answer: result?.answer,
    stops: stops.map(({ kind, why }) => `${kind}: ${why}`),
  };
}

test('candidates are sampled one after another until the leading answer is sure enough', async () => {
  const run = await sampled(
    [
      ['12', 0.5],
      ['9', 0.125],
      ['7', 0.875],
      ['5', 0.25],
    ],
    { rules: { settledAt: 0.8 } },
  );
  expect(run).toEqual({
    opened: 3,
    answer: '7',
    stops: [
      'settledByValue: The 1 waiting can be left out: by its values the leading answer is right with a probability of 88 %.',
    ],
  });
});

test('a question that no candidate looks right on is given up', async () => {
  const run = await sampled(
    [
      ['12', 0.03125],
      ['9', 0.03125],
      ['7', 0.03125],
    ],
    { rules: { hopelessBelow: 50 } },
  );
  expect(run).toMatchObject({
    opened: 1,
    answer: '12',
    // (1 − 1/32) · (1 − (31/32)²)
    stops: [
      'hopelessByValue: The 2 waiting can be left out: by their values there is a 6 % chance that more would help.',
    ],
  });
});

test('all are sampled where nothing ends a vote that is likely', async () => {
  const candidates = [
    ['12', 0.875],
    ['9', 0.125],
  ] as const;
  expect(await sampled(candidates, { rules: {} })).toMatchObject({ opened: 2, answer: '12', stops: [] });
  const certain = await sampled(candidates, { rules: { settledAt: 0.5 }, consensus: 'certain' });
  expect(certain).toMatchObject({ opened: 2, answer: '12', stops: [] });
});
