import { describe, expect, it } from 'vitest';
import { readingBudget } from '../../../../sidecar/completion/readingBudget.ts';

const whole = { prefixTokens: 768, suffixTokens: 192 };

describe('reading budget', () => {
  it.each([
    [0, 77, 19],
    [100, 77, 19],
    [130, 103, 25],
    [320, 256, 64],
    [10_000, 768, 192],
  ])('%i tokens leave %i before the cursor and %i after it', (tokens, prefixTokens, suffixTokens) => {
    expect(readingBudget(tokens, whole)).toEqual({ prefixTokens, suffixTokens });
  });

  it('is never more than the whole, which a small context makes smaller', () => {
    expect(readingBudget(0, { prefixTokens: 40, suffixTokens: 10 })).toEqual({
      prefixTokens: 40,
      suffixTokens: 10,
    });
    expect(readingBudget(500, { prefixTokens: 0, suffixTokens: 0 })).toEqual({
      prefixTokens: 0,
      suffixTokens: 0,
    });
  });
});
