import { describe, expect, it } from 'vitest';
import { generatedTokenCount } from '../../protocol/budget.ts';
import { askRequestOf } from '../../sidecar/app/askRequest.ts';
import type { Clock } from '../../sidecar/process/clock.ts';
import { defaultSettings } from '../../sidecar/validation/sidecarSettings.ts';
import { type Asked, askModel } from '../support/engine/askedModel.ts';
import { longText } from '../support/engine/generating.ts';
import { openModel } from '../support/engine/realEngine.ts';
import { changeRequest, type FlatRequest } from '../support/engine/scriptedRequest.ts';
import { WorkClock } from '../support/machine/manualClock.ts';

const question =
  'A farmer has 17 sheep. She buys 5 more every week for 6 weeks, then sells a third of what she has ' +
  'and gives 2 to each of her 4 neighbours. How many sheep are left?';

const { model } = await openModel('qwen2.5-coder-0.5b', { contextTokens: 4096 });

/** A question as the sidecar puts it together, so that it gives the same text again. */
function ask(change: FlatRequest, clock?: Clock): Promise<Asked> {
  const params = { question, strategy: 'chainOfThought', seed: 3 } as const;
  const given = { requestId: 'budgets', seed: 3, tokensLeftToday: Infinity };
  return askModel(model, changeRequest(askRequestOf(params, defaultSettings, given), change), { clock });
}

const earlyStopping = {
  consensus: 'certain',
  trialConfidence: 0,
  steadyAnswers: false,
  confidencePruning: 'off',
} as const;

describe('on a real model', () => {
  it('a trial leaves the thought as it was', async () => {
    const short = { maxThoughtTokens: 140, budget: { answerTokensPerCandidate: 24 } };
    const whole = await ask(short);
    // A certainty that no trial reaches: the text has pauses in it and no end.
    const tried = await ask({ ...short, earlyStopping: { ...earlyStopping, trialConfidence: 1 } });
    expect(tried.state.trials.length).toBeGreaterThan(0);
    const [plain, paused] = [whole, tried].map(({ state }) => state.candidates[0]?.tokens.texts ?? []);
    const common = paused?.findIndex((text, index) => text !== plain?.[index]) ?? -1;
    // Behind a pause calls have other shapes and round otherwise, so that a sampled text may part far on; what a trial
    // wrote would be there at once.
    const [trial] = tried.state.trials;
    expect(common === -1 ? Infinity : common).toBeGreaterThan((trial?.atToken ?? Infinity) + 30);
  });

  it('a trial that the model is sure of ends the thought, at the same place with the same seed', async () => {
    const easy = {
      question: 'A box holds 12 pens. How many pens do 3 boxes hold? Explain at length.',
      maxThoughtTokens: 400,
      // Far below what the model is sure of here, so that another machine's rounding decides nothing.
      earlyStopping: { ...earlyStopping, trialConfidence: 0.5 },
    };
    const { result, state } = await ask(easy);
    const closing = state.decisions.find(({ kind }) => kind === 'thoughtClosedByTrial');
    const last = state.trials.at(-1);
    expect(closing?.atToken).toBe(last?.atToken);
    expect(closing?.atToken).toBeLessThan(400);
    expect(last).toMatchObject({ answer: result.answer });
    expect(last?.confidence).toBeGreaterThanOrEqual(0.5);
    expect(result.reason).toBe('answered');
    const again = await ask(easy);
    expect(again.result.text).toBe(result.text);
    expect(again.state.trials).toEqual(state.trials);
  });

  it('a prefill that takes longer than the budget is ended, not waited for', async () => {
    const long = { question: `${longText(500, 1)}\n${question}` };
    const { result, state } = await ask({ ...long, budget: { durationMs: 50 } });
    expect(result).toMatchObject({ reason: 'budgetExhausted', text: '', answer: null });
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['budgetExhausted']);
    expect(state.prefill).toBeNull();
  });

  it('a thought closes while there is time for its answer', async () => {
    const durationMs = 600;
    const { result, state } = await ask({ maxThoughtTokens: 3000, budget: { durationMs } }, new WorkClock());
    expect(state.candidates).toHaveLength(1);
    expect(state.decisions.map(({ kind }) => kind)).toContain('thoughtClosedForTime');
    expect(['answered', 'budgetExhausted']).toContain(result.reason);
    expect(result.text).not.toBe('');
    // One decode step beyond it, and what is said of its end.
    expect(result.ledger.durationMs).toBeLessThan(1.1 * durationMs);
  });

  it('candidates behind the warm-up end where the model is less sure of them', async () => {
    const { result, state } = await ask({
      strategy: 'selfConsistency',
      candidateCount: 6,
      selector: 'confidenceWeighted',
      maxThoughtTokens: 160,
      temperature: 1,
      earlyStopping: { ...earlyStopping, confidencePruning: 'strict' },
    });
    expect(state.decisions.map(({ kind }) => kind)).toContain('confidenceFloorSet');
    const ends = state.candidates.map(({ end }) => end);
    expect(ends.slice(0, 3)).not.toContain('pruned');
    expect(ends.slice(3)).toContain('pruned');
    expect(result.answer).not.toBeNull();
    const written = state.candidates.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    expect(generatedTokenCount(result.ledger)).toBe(written);
  });
});
