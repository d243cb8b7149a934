import { expect, test } from 'vitest';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

const script = scriptBySequence([['It is 12.\nFinal answer:', ' 12\n']]);

test('a context that dropped tokens is reported with their number, for the candidate it happened to', async () => {
  const { state } = await runScripted(script, {
    request: { strategy: 'chainOfThought' },
    engine: { droppedTokens: ({ call }) => (call === 0 ? 7 : 0) },
  });
  expect(state.decisions).toMatchObject([{ kind: 'contextShifted', candidateId: 0 }]);
  expect(state.decisions[0]?.why).toContain('oldest 7 tokens');
  expect(state.status).toMatchObject({ type: 'finished', reason: 'answered' });
});

test('nothing is said where nothing was dropped', async () => {
  const { state } = await runScripted(script, { request: { strategy: 'chainOfThought' } });
  expect(state.decisions).toEqual([]);
});
