import { describe, expect, it } from 'vitest';
import { offerWords } from '../../../../webview-ui/state/offerWords.ts';

describe('what a button says that sets a class', () => {
  it.each([
    ['easy', 'direct', 1, null, 'Easy · no thought, cost not measured'],
    // The figure is of word problems, which such an answer is not for: the button says so.
    ['easy', 'direct', 1, 1.64, 'Easy · no thought, ≈ 1.6× on word problems'],
    ['normal', 'chainOfThought', 1, 1, 'Normal · one thought ≈ 1×'],
    ['hard', 'selfConsistency', 8, 4.68, 'Hard · up to 8 thoughts ≈ 5×'],
    ['hard', 'selfConsistency', 8, null, 'Hard · up to 8 thoughts, cost not measured'],
  ] as const)(
    '%s by %s, up to %d, at %d times the tokens',
    (difficulty, strategy, candidates, tokenRatio, name) => {
      expect(offerWords({ difficulty, strategy, candidates, tokenRatio }).name).toBe(name);
    },
  );

  it('has the exact figure in its tooltip, or that there is none', () => {
    const hard = { difficulty: 'hard', strategy: 'selfConsistency', candidates: 8 } as const;
    expect(offerWords({ ...hard, tokenRatio: 4.68 }).meaning).toContain(
      '4.7 times the tokens of Normal, estimated',
    );
    expect(offerWords({ ...hard, tokenRatio: null }).meaning).toContain('not measured');
  });
});
