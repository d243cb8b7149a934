import { describe, expect, it } from 'vitest';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { judgeDifficulty } from '../../../../../sidecar/reasoning/run/judgeDifficulty.ts';
import type { AskRequest } from '../../../../../sidecar/reasoning/run/requestRunner.ts';
import { scriptedModel, scriptedRequest } from '../../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';

const sure: Script = () => Array.from({ length: 60 }, () => ({ text: ' so', entropyNats: 0.01 }));

async function judged(change: Partial<AskRequest>) {
  const clock = new ManualClock();
  const onDecode = (): void => {
    clock.advance(10);
  };
  const dependencies = {
    model: await scriptedModel(sure, { onDecode }),
    estimator: entropyRule(uncalibratedThresholds),
    tables: [],
    verifier: null,
    codeParser: null,
    clock,
    onTraceFailure: () => undefined,
  };
  return judgeDifficulty({ ...scriptedRequest, ...change }, dependencies, new AbortController().signal);
}

describe('how hard a question is for a model', () => {
  it('is read off its first tokens, and no answer is written', async () => {
    const { report, ledger } = await judged({});
    expect(report).toMatchObject({ difficulty: 'easy', source: 'entropyRule' });
    expect(ledger.tokens.thought + ledger.tokens.discardedCandidate).toBeLessThanOrEqual(32);
  });

  it('is not said where there was no token to judge by, so that no model is taken for it', async () => {
    expect((await judged({ choices: { budget: { durationMs: 5 } } })).report).toBeNull();
    expect((await judged({ choices: { budget: { generatedTokens: 0 } } })).report).toBeNull();
  });

  it('is the class that the user set, whatever the budget', async () => {
    const { report } = await judged({ difficulty: 'hard', choices: { budget: { generatedTokens: 0 } } });
    expect(report).toMatchObject({ difficulty: 'hard', source: 'override' });
  });
});
