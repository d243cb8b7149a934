import { describe, expect, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { shortAnswerTokens, applyDailyLimit } from '../../../../../sidecar/reasoning/run/applyDailyLimit.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';
import { line, thinking } from '../../../../support/engine/stepScript.ts';

const choices = { maxThoughtTokens: 512, budget: { durationMs: 900 } };
const asked = { strategy: 'selfConsistency', candidateCount: 8, choices } as const;

describe('a question', () => {
  test('is as it was without a bound on the day', () => {
    expect(applyDailyLimit(asked, Infinity)).toEqual({ ...asked, preface: [] });
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
    const { preface, ...request } = applyDailyLimit({ ...asked, choices: { ...choices, budget } }, left);
    expect(request).toMatchObject({ strategy: 'selfConsistency', candidateCount: 8 });
    expect(request.choices.budget?.generatedTokens).toBe(expected);
    expect(preface).toEqual([]);
  });

  test.each([
    ['stepBeam', {}, 512, 8 * 10 * 2 * 128],
    ['aStar', { maxSteps: 64, stepChildren: 4 }, 512, 8 * 64 * 4 * 128],
    // A step is no longer than its thought may be.
    ['aStar', {}, 96, 8 * 10 * 2 * 96],
    // Whatever it chooses.
    ['auto', {}, 512, 8 * 10 * 2 * 128],
  ] as const)('%s with %j may take all of its steps', (strategy, stepSearch, maxThoughtTokens, steps) => {
    const limited = applyDailyLimit({ ...asked, strategy, choices: { stepSearch, maxThoughtTokens } }, 1e9);
    // A quarter of a search's budget is left to answers.
    expect(limited.choices.budget?.generatedTokens).toBe(Math.ceil(steps / 0.75) + 2 * 8 * 256);
  });

  test('that searches over steps ends by itself where the day has room', async () => {
    // One of two next steps is short and kept, the other as long as a step may be and dropped.
    const script = thinking((written, sequence) =>
      line(sequence === 0 ? `Step ${written.length}.` : 'goes on '.repeat(100), sequence === 0 ? 0.9 : 0.2),
    );
    const request = {
      strategy: 'aStar',
      candidateCount: 1,
    } as const;
    const stepSearch = { maxSteps: 40 };
    const limited = applyDailyLimit({ ...request, choices: { stepSearch, maxThoughtTokens: 512 } }, 1e9);
    const { state, result } = await runScripted(script, {
      request: { ...request, ...limited.choices },
    });
    expect(state.decisions.map(({ kind }) => kind)).not.toContain('searchEnded');
    expect(generatedTokenCount(state.ledger)).toBeGreaterThan(2 * 2 * (512 + 256));
    expect(result?.reason).toBe('answered');
  });

  test.each([0, 40])(
    'with %i left is answered directly and briefly, and its log says so first',
    async (left) => {
      const short = applyDailyLimit(asked, left);
      expect(short).toMatchObject({ strategy: 'direct', candidateCount: 1 });
      expect(short.choices.budget).toEqual({ durationMs: 900, generatedTokens: shortAnswerTokens });
      const { state, result, events } = await runScripted(scriptBySequence([['word '.repeat(500)]]), {
        request: { ...short, budget: { generatedTokens: shortAnswerTokens } },
      });
      expect(events[1]).toMatchObject({ type: 'decision/made', kind: 'dailyBudgetSpent' });
      expect(state.ledger.tokens.answer).toBe(shortAnswerTokens);
      expect(result?.reason).toBe('budgetExhausted');
    },
  );
});
