import { expect, it } from 'vitest';
import { budgetLeft, emptyLedger, type Ledger } from '../../../protocol/budget.ts';

const spent: Ledger = {
  tokens: { ...emptyLedger.tokens, prompt: 90, thought: 30, verification: 2 },
  durationMs: 400,
};

it('what is left is bounded by what was generated and how long it took, and never below nothing', () => {
  expect(budgetLeft({ generatedTokens: 100, durationMs: 1000 }, spent)).toEqual({
    generatedTokens: 68,
    durationMs: 600,
  });
  expect(budgetLeft({ generatedTokens: 10, durationMs: 100 }, spent)).toEqual({
    generatedTokens: 0,
    durationMs: 0,
  });
});

it('what bounds nothing, and what bounds a candidate, stays', () => {
  const budget = { generatedTokens: null, durationMs: null, thoughtTokensPerCandidate: 20 };
  expect(budgetLeft(budget, spent)).toEqual(budget);
  expect(budgetLeft({}, spent)).toEqual({});
});
