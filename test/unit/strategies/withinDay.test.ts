import { describe, expect, test } from 'vitest';
import { shortAnswerTokens, withinDay } from '../../../sidecar/strategies/withinDay.ts';
import { scriptBySequence } from '../../../sidecar/engine/scripted/script.ts';
import { runScripted } from '../../support/scriptedRequest.ts';

const bounded = { strategy: 'selfConsistency', candidateCount: 8, budget: { durationMs: 900 } } as const;
const asked = { ...bounded, maxThoughtTokens: 512, stepSearch: {} };

describe('a question', () => {
  test('is as it was without a bound on the day', () => {
    expect(withinDay(asked, Infinity)).toEqual({ ...bounded, preface: [] });
  });

  test.each([
    [5000, null, 5000],
    [5000, 300, 300],
    [shortAnswerTokens, null, shortAnswerTokens],
    [40, 20, 20],
    // More than eight whole candidates ever take is kept for nobody.
    [1e9, null, 2 * 8 * (512 + 256)],
  ])('with %i left and a budget of %s may generate %i', (left, own, expected) => {
    const budget = { generatedTokens: own };
    const { preface, ...request } = withinDay({ ...asked, budget }, left);
    expect(request).toMatchObject({ strategy: 'selfConsistency', candidateCount: 8 });
    expect(request.budget.generatedTokens).toBe(expected);
    expect(preface).toEqual([]);
  });

  test.each([0, 40])(
    'with %i left is answered directly and briefly, and its log says so first',
    async (left) => {
      const short = withinDay(asked, left);
      expect(short).toMatchObject({ strategy: 'direct', candidateCount: 1 });
      expect(short.budget).toEqual({ durationMs: 900, generatedTokens: shortAnswerTokens });
      const { state, result, events } = await runScripted(scriptBySequence([['word '.repeat(500)]]), {
        request: { ...short, budget: { generatedTokens: shortAnswerTokens } },
      });
      expect(events[1]).toMatchObject({ type: 'decision/made', kind: 'dailyBudgetSpent' });
      expect(state.ledger.tokens.answer).toBe(shortAnswerTokens);
      expect(result?.reason).toBe('budgetExhausted');
    },
  );
});
