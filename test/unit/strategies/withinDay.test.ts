import { describe, expect, test } from 'vitest';
import { shortAnswerTokens, withinDay } from '../../../sidecar/strategies/withinDay.ts';
import { scriptBySequence } from '../../../sidecar/engine/scripted/script.ts';
import { runScripted } from '../../support/scriptedRequest.ts';

const asked = { strategy: 'selfConsistency', candidateCount: 8, budget: { durationMs: 900 } } as const;

describe('a question', () => {
  test('is as it was without a bound on the day', () => {
    expect(withinDay(asked, Infinity)).toEqual({ ...asked, preface: [] });
  });

  test.each([
    [5000, null, 5000],
    [5000, 300, 300],
    [40, null, shortAnswerTokens],
    [40, 20, 20],
  ])('with %i left and a budget of %s may generate %i', (left, own, expected) => {
    const budget = { generatedTokens: own };
    const bounded = withinDay({ ...asked, budget }, left);
    expect(bounded).toMatchObject({ strategy: 'selfConsistency', candidateCount: 8 });
    expect(bounded.budget.generatedTokens).toBe(expected);
    expect(bounded.preface).toEqual([]);
  });

  test('with nothing left is answered directly and briefly, and its log says so first', async () => {
    const bounded = withinDay(asked, 0);
    expect(bounded).toMatchObject({ strategy: 'direct', candidateCount: 1 });
    expect(bounded.budget).toEqual({ durationMs: 900, generatedTokens: shortAnswerTokens });
    const { state, result, events } = await runScripted(scriptBySequence([['word '.repeat(500)]]), {
      request: { ...bounded, budget: { generatedTokens: shortAnswerTokens } },
    });
    expect(events[1]).toMatchObject({ type: 'decision/made', kind: 'dailyBudgetSpent' });
    expect(state.ledger.tokens.answer).toBe(shortAnswerTokens);
    expect(result?.reason).toBe('budgetExhausted');
  });
});
