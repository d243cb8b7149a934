import { describe, expect, test } from 'vitest';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import type { ValueHead } from '../../../../../sidecar/reasoning/value/valueHead.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

/** Most say 12; the one that says 9 has the text that the head likes. */
const script = scriptBySequence([
  ['Guess.\nFinal answer:', ' 12\n'],
  ['Guess.\nFinal answer:', ' 12\n'],
  ['Surely.\nFinal answer:', ' 9\n'],
  ['Surely.\nFinal answer:', ' 9\n'],
  ['Guess.\nFinal answer:', ' 12\n'],
]);
const engine = {
  local: { hiddenSize: 1 },
  hiddenState: (text: string) => Float32Array.of(text.includes('Surely') ? 0.9 : 0.1),
};

function headOf(kappa: number, fails = false): ValueHead {
  return {
    rules: { kappa, settledAt: 2, hopelessBelow: 0 },
    places: ['answer'],
    values: (inputs) =>
      fails
        ? Promise.reject(new Error('broken'))
        : Promise.resolve(inputs.map(({ state }) => state[0] ?? NaN)),
    dispose: () => Promise.resolve(),
  };
}

function ask(selector: 'valueWeighted' | 'bestByValue', valueHead: ValueHead | null) {
  return runScripted(script, {
    request: { strategy: 'selfConsistency', selector, candidateCount: 5, maxThoughtTokens: 40 },
    engine,
    dependencies: { valueHead },
  });
}

describe('selectors that go by a value head', () => {
  test('votes are weighed by exp(κ · v)', async () => {
    const { result, state } = await ask('valueWeighted', headOf(4));
    expect(result?.answer).toBe('9');
    expect(state.vote?.selector).toBe('valueWeighted');
    const [first, second] = state.vote?.tallies ?? [];
    expect(first?.weight).toBeCloseTo(2 * Math.exp(3.6), 4);
    expect(second?.weight).toBeCloseTo(3 * Math.exp(0.4), 4);
    // With κ = 0 it is the majority.
    expect((await ask('valueWeighted', headOf(0))).result?.answer).toBe('12');
  });

  test('best of majority takes the likeliest of the answers that several gave', async () => {
    const { result, state } = await ask('bestByValue', headOf(0));
    expect(result?.answer).toBe('9');
    expect(state.vote?.tallies.map(({ weight }) => weight)).toEqual([0.9, 0.1]);
  });

  test.each(['valueWeighted', 'bestByValue'] as const)('%s is refused without a head', async (selector) => {
    const { thrown, events } = await ask(selector, null);
    expect(thrown).toMatchObject({ code: 'valueHead.missing' });
    expect(events).toEqual([]);
  });

  test('where the head fails the majority decides, and the log says so', async () => {
    const { result, state } = await ask('valueWeighted', headOf(4, true));
    expect(result?.answer).toBe('12');
    expect(state.vote?.selector).toBe('majority');
    expect(state.decisions.map(({ kind }) => kind)).toContain('selectionFellBack');
  });
});
