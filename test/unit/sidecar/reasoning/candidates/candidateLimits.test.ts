import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  candidateLimits,
  thoughtLimit,
} from '../../../../../sidecar/reasoning/candidates/candidateLimits.ts';

const budget = {
  thoughtTokensPerCandidate: 200,
  answerTokensPerCandidate: 50,
  generatedTokens: null,
  durationMs: null,
};

const alone = { candidateCount: 1, unspentTokens: Infinity, shiftsContext: false };

describe('candidateLimits', () => {
  test('gives each candidate the caps where there is room, and the rest as spare', () => {
    const room = { ...alone, candidateCount: 4, contextTokens: 2120, promptTokens: 120 };
    expect(candidateLimits(budget, room)).toEqual({ thoughtTokens: 200, answerTokens: 50, spareTokens: 226 });
  });

  test('cuts the thought before the answer where the budget is short', () => {
    const room = { ...alone, candidateCount: 2, unspentTokens: 240, contextTokens: 4096, promptTokens: 100 };
    expect(candidateLimits(budget, room)).toEqual({ thoughtTokens: 90, answerTokens: 30, spareTokens: 0 });
  });

  test('leaves a candidate nothing where the prompt fills the context', () => {
    const room = { ...alone, contextTokens: 100, promptTokens: 100 };
    expect(candidateLimits(budget, room)).toEqual({ thoughtTokens: 0, answerTokens: 0, spareTokens: 0 });
  });

  test('lets a candidate that is alone write beyond the context where that can shift', () => {
    const room = { ...alone, contextTokens: 200, promptTokens: 150, shiftsContext: true };
    expect(candidateLimits(budget, room)).toMatchObject({ thoughtTokens: 200, answerTokens: 50 });
    // Siblings share the prompt's cells, which cannot move then.
    expect(candidateLimits(budget, { ...room, candidateCount: 2 })).toMatchObject({
      thoughtTokens: 0,
      answerTokens: 1,
    });
  });

  test('all candidates together never exceed the budget, the context or a cap', () => {
    const sizes = fc.nat(2000);
    fc.assert(
      fc.property(sizes, sizes, sizes, sizes, sizes, fc.integer({ min: 1, max: 16 }), (...numbers) => {
        const [
          thoughtTokensPerCandidate,
          answerTokensPerCandidate,
          unspentTokens,
          contextTokens,
          promptTokens,
          n,
        ] = numbers;
        const limits = candidateLimits(
          { ...budget, thoughtTokensPerCandidate, answerTokensPerCandidate },
          { ...alone, candidateCount: n, unspentTokens, contextTokens, promptTokens },
        );
        const { thoughtTokens, answerTokens, spareTokens } = limits;
        for (const tokens of [thoughtTokens, answerTokens, spareTokens])
          expect(tokens).toBeGreaterThanOrEqual(0);
        expect(thoughtTokens).toBeLessThanOrEqual(thoughtTokensPerCandidate);
        expect(answerTokens).toBeLessThanOrEqual(answerTokensPerCandidate);
        const all = n * (thoughtTokens + answerTokens + spareTokens);
        expect(all).toBeLessThanOrEqual(unspentTokens);
        expect(all).toBeLessThanOrEqual(Math.max(0, contextTokens - promptTokens));
      }),
    );
  });
});

test('a thought may end softly before its cap and never beyond it', () => {
  fc.assert(
    fc.property(fc.integer({ min: -10, max: 5000 }), (left) => {
      const { maxTokens, softLimit } = thoughtLimit(left);
      expect(maxTokens).toBe(Math.max(0, left));
      expect(softLimit.tokens + softLimit.graceTokens).toBe(maxTokens);
      expect(softLimit.tokens).toBeGreaterThanOrEqual(maxTokens / 2);
    }),
  );
});
