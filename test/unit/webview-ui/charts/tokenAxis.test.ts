import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseTokenAxis, tokenToX, xToToken } from '../../../../webview-ui/charts/tokenAxis.ts';

const input = { longestTokens: 200, budgetTokens: null, isRunning: false, widthPx: 720 };

describe('chooseTokenAxis', () => {
  it('ends where the longest candidate ends once the request has ended', () => {
    expect(chooseTokenAxis(input).endToken).toBe(200);
  });

  it('makes room for a budget that is near, and leaves a far one out', () => {
    expect(chooseTokenAxis({ ...input, budgetTokens: 256 }).endToken).toBeGreaterThan(256);
    expect(chooseTokenAxis({ ...input, budgetTokens: 4096 }).endToken).toBe(200);
  });

  it('moves in steps while tokens come in', () => {
    const ends = [101, 105, 110, 120, 130].map(
      (longestTokens) => chooseTokenAxis({ ...input, longestTokens, isRunning: true }).endToken,
    );
    expect(new Set(ends).size).toBe(1);
    expect(ends[0]).toBeGreaterThan(130);
  });

  it('always holds the longest candidate, and labels round positions inside the axis', () => {
    fc.assert(
      fc.property(
        fc.nat(200_000),
        fc.option(fc.nat(10_000)),
        fc.boolean(),
        fc.integer({ min: 0, max: 3000 }),
        (longestTokens, budgetTokens, isRunning, widthPx) => {
          const axis = chooseTokenAxis({ longestTokens, budgetTokens, isRunning, widthPx });
          expect(axis.endToken).toBeGreaterThanOrEqual(longestTokens);
          expect(axis.ticks[0]).toBe(0);
          expect(axis.ticks.at(-1)).toBeLessThanOrEqual(axis.endToken);
          expect(axis.ticks.length).toBeLessThanOrEqual(widthPx / 72 + 2);
        },
      ),
    );
  });
});

describe('xToToken', () => {
  it('finds the token that is drawn at a pixel', () => {
    const axis = chooseTokenAxis(input);
    for (const token of [0, 1, 99, 199]) {
      expect(xToToken(axis, tokenToX(axis, token + 0.5, 720), 720)).toBe(token);
    }
  });

  it('gives the first token on a chart without a width', () => {
    expect(xToToken(chooseTokenAxis(input), 10, 0)).toBe(0);
  });
});
