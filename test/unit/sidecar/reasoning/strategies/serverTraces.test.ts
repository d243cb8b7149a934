import { expect, test } from 'vitest';
import { capabilityTiers } from '../../../../../sidecar/engine/scripted/capabilityTiers.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

const wholeTexts = scriptBySequence([
  ['Each cat has 4 legs. 3 * 4 = 12.\nFinal answer: 12'],
  ['Cats have 3 legs, so 9 it is.\nFinal answer: 9'],
  ['Four legs for each of the three.\nFinal answer: 12 legs'],
]);

test('a search on a server of conversations is a vote of whole texts, and says why', async () => {
  const { state, events } = await runScripted(wholeTexts, {
    engine: { capabilities: capabilityTiers.chatOnly },
    request: { strategy: 'stepBeam', candidateCount: 3, selector: 'mostConfident' },
  });
  expectGolden('chatOnlyVote', renderTrace(state, events));
  expect(state.selected?.answer).toBe('12');
  expect(state.candidates.every(({ tokens }) => tokens.entropyUpperNats?.length === tokens.ids.length)).toBe(
    true,
  );
});

test('a class of difficulty leads to what the server can do', async () => {
  const { state } = await runScripted(wholeTexts, {
    engine: { capabilities: capabilityTiers.chatOnly },
    request: { strategy: 'auto', candidateCount: 3, difficulty: 'hard' },
  });
  expect(state.difficulty).toMatchObject({ source: 'override', strategy: 'selfConsistency' });
  expect(state.candidates).toHaveLength(3);
  expect(state.decisions.filter(({ kind }) => kind === 'engineLacks')).toHaveLength(1);
});

test('the difficulty on a server is judged by lower bounds', async () => {
  const { state } = await runScripted(scriptBySequence([['Each cat has 4 legs.\nFinal answer:', ' 12']]), {
    engine: { capabilities: capabilityTiers.llamaServer },
    request: { strategy: 'auto', maxThoughtTokens: 64 },
  });
  expect(state.difficulty?.why).toContain('reached its answer within');
  expect(state.candidates[0]?.tokens.entropyUpperNats).toContain(0.45);
});
