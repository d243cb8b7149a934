import { describe, expect, test } from 'vitest';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { siblingTemperature } from '../../../../../sidecar/reasoning/strategies/hedgedBestOfN.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

describe('temperatures of sampled candidates', () => {
  test.each([
    [0.8, 5, [0.7, 0.767, 0.833, 0.9]],
    [0.8, 3, [0.7, 0.9]],
    [0.8, 2, [0.8]],
    [0.05, 3, [0, 0.15]],
  ])('around %d with %d candidates', (middle, count, expected) => {
    const ids = Array.from({ length: count - 1 }, (_, index) => index + 1);
    expect(ids.map((id) => siblingTemperature(middle, id, count))).toEqual(expected);
  });
});

test('the first candidate is greedy, whatever temperature the request names', async () => {
  const script = scriptBySequence(Array.from({ length: 4 }, () => ['12.\nFinal answer:', ' 12\n']));
  const { state } = await runScripted(script, {
    request: { strategy: 'hedgedBestOfN', candidateCount: 4, temperature: 1 },
  });
  expect(state.candidates.map(({ sampler }) => sampler.temperature)).toEqual([0, 0.9, 1, 1.1]);
});

test('alone it is greedy', async () => {
  const script = scriptBySequence([['12.\nFinal answer:', ' 12\n']]);
  const { state, result } = await runScripted(script, { request: { strategy: 'hedgedBestOfN' } });
  expect(state.candidates.map(({ sampler }) => sampler.temperature)).toEqual([0]);
  expect(result?.answer).toBe('12');
});
