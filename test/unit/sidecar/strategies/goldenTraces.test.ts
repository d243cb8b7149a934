import { describe, expect, test } from 'vitest';
import { scriptBySequence, type ScriptedPart } from '../../../../sidecar/engine/scripted/script.ts';
import { expectGolden } from '../../../support/golden.ts';
import { runScripted } from '../../../support/scriptedRequest.ts';
import { renderTrace } from '../../../support/traceText.ts';

function reasoning(thought: string, answer: string): readonly ScriptedPart[] {
  return [`${thought}\nFinal answer:`, ` ${answer}\n`];
}

/** A thought long enough that nothing but a cap ends it, each sentence five tokens. */
const endless = 'Three cats have four. '.repeat(40);

describe('golden traces', () => {
  test('direct answers in one candidate without a cue', async () => {
    const { state, events } = await runScripted(scriptBySequence([['Three cats have 12 legs in all.']]));
    expectGolden('direct', renderTrace(state, events));
  });

  test('chainOfThought ends its thought where the model writes the marker', async () => {
    const script = scriptBySequence([
      ['Each cat has 4 legs. 3 * 4 = 12.\nFinal answer:', ' 12 legs\nThat is all.'],
    ]);
    const { state, events } = await runScripted(script, { request: { strategy: 'chainOfThought' } });
    expectGolden('chainOfThought', renderTrace(state, events));
  });

  test('chainOfThought closes an endless thought at a sentence end before its cap', async () => {
    const script = scriptBySequence([[endless, ' 12']]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'chainOfThought', maxThoughtTokens: 40 },
    });
    expectGolden('chainOfThoughtCapped', renderTrace(state, events));
  });

  test('chainOfThought asks for the answer where the model ended without one', async () => {
    const script = scriptBySequence([['Each cat has 4 legs, so it is 12.', ' 12']]);
    const { state, events } = await runScripted(script, { request: { strategy: 'chainOfThought' } });
    expectGolden('chainOfThoughtUnanswered', renderTrace(state, events));
  });

  test('selfConsistency takes the majority of candidates that run side by side', async () => {
    const script = scriptBySequence([
      reasoning('4 + 4 + 4 is 12.', '12'),
      reasoning('Cats have 3 legs, so 9 it is.', '9'),
      reasoning('Four legs for each of the three, 12 in all.', '12 legs'),
      reasoning('Nine plus nothing is nine, I would think.', '$9'),
      reasoning('Let me count them one after another, slowly: 12 legs.', '12.0'),
    ]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'selfConsistency', candidateCount: 5 },
    });
    expectGolden('selfConsistency', renderTrace(state, events));
  });

  test('selfConsistency prunes what cannot overturn the lead', async () => {
    const script = scriptBySequence([
      reasoning('It is 12.', '12'),
      reasoning('It is 12.', '12'),
      reasoning('It is 12.', '12'),
      [endless, ' 9'],
      [endless, ' 9'],
    ]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'selfConsistency', candidateCount: 5 },
    });
    expectGolden('selfConsistencyConsensus', renderTrace(state, events));
  });
});

test('golden runs are free of failures', async () => {
  const { thrown, result } = await runScripted(scriptBySequence([['Twelve.']]));
  expect(thrown).toBeNull();
  expect(result?.reason).toBe('answered');
});
