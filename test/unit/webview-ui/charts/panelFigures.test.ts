import { describe, expect, it } from 'vitest';
import { emptyLedger, purposes } from '../../../../protocol/budget.ts';
import { budgetShares } from '../../../../webview-ui/charts/budgetShares.ts';
import {
  formatBytes,
  formatCount,
  formatDecimal,
  formatDuration,
  formatPercent,
  formatTokens,
} from '../../../../webview-ui/charts/numberFormat.ts';
import { speculationTotals } from '../../../../webview-ui/charts/speculationTotals.ts';
import { stripWindow } from '../../../../webview-ui/charts/stripWindow.ts';
import { placeTooltip } from '../../../../webview-ui/charts/tooltipPlacement.ts';

describe('budgetShares', () => {
  it('adds up and keeps purposes that spent nothing', () => {
    const { total, shares } = budgetShares({
      tokens: { ...emptyLedger.tokens, prompt: 10, thought: 30 },
      durationMs: 0,
    });
    expect(total).toBe(40);
    expect(shares).toHaveLength(purposes.length);
    expect(shares.find(({ purpose }) => purpose === 'thought')?.share).toBe(0.75);
  });

  it('divides nothing by nothing', () => {
    expect(budgetShares(emptyLedger).shares.every(({ share }) => share === 0)).toBe(true);
  });
});

describe('speculationTotals', () => {
  it('sums the generations of a request', () => {
    const measured = [
      { source: 'trie', draftCount: 3, draftedTokenCount: 10, acceptedTokenCount: 4 },
      { source: 'trie', draftCount: 0, draftedTokenCount: 0, acceptedTokenCount: 0 },
      { source: 'trie', draftCount: 2, draftedTokenCount: 10, acceptedTokenCount: 6 },
    ] as const;
    expect(speculationTotals(measured.map((m) => ({ type: 'speculation/measured', ...m })))).toEqual([
      { source: 'trie', drafted: 20, accepted: 10, meanLength: 4, acceptance: 0.5 },
    ]);
    expect(speculationTotals([])).toEqual([]);
  });
});

describe('number formats', () => {
  it.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [59_940, '59.9 s'],
    [59_990, '1 min 00 s'],
    [125_000, '2 min 05 s'],
  ])('writes %f ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [0, '0 %'],
    [0.0004, '<0.1 %'],
    [0.053, '5.3 %'],
    [0.5, '50 %'],
    [0.9995, '>99.9 %'],
    [1, '100 %'],
  ])('writes the share %f as %s', (share, text) => {
    expect(formatPercent(share)).toBe(text);
  });

  it('writes minus as minus, and zero without one', () => {
    expect(formatDecimal(-0.25, 2)).toBe('−0.25');
    expect(formatDecimal(-0.0001, 2)).toBe('0.00');
  });

  it('puts units in the right number', () => {
    expect([formatTokens(1), formatTokens(12_345), formatCount(1e6)]).toEqual([
      '1 token',
      '12,345 tokens',
      '1,000,000',
    ]);
    expect([formatBytes(12), formatBytes(45_600), formatBytes(2_340_000)]).toEqual([
      '12 B',
      '46 KB',
      '2.3 MB',
    ]);
  });
});

describe('stripWindow', () => {
  const view = { viewHeightPx: 240, lineHeightPx: 24 };

  it('draws the lines in view and a few on either side', () => {
    expect(stripWindow({ ...view, scrollTop: 2400, lineCount: 1000 })).toEqual({ first: 92, end: 119 });
  });

  it('stays inside a short text', () => {
    expect(stripWindow({ ...view, scrollTop: 0, lineCount: 3 })).toEqual({ first: 0, end: 3 });
  });

  it('still covers the view when the text became shorter under the scroll position', () => {
    const { first, end } = stripWindow({ ...view, scrollTop: 24_000, lineCount: 20 });
    expect(first).toBeLessThanOrEqual(10);
    expect(end).toBe(20);
  });
});

describe('placeTooltip', () => {
  const size = { width: 200, height: 100 };
  const viewport = { width: 400, height: 300 };

  it('stands below its token', () => {
    expect(placeTooltip({ left: 50, top: 50, width: 20, height: 20 }, size, viewport)).toEqual({
      left: 50,
      top: 76,
    });
  });

  it('goes above where there is no room below, and keeps off the right edge', () => {
    expect(placeTooltip({ left: 390, top: 250, width: 20, height: 20 }, size, viewport)).toEqual({
      left: 192,
      top: 144,
    });
  });

  it('stays on the screen when there is room on neither side', () => {
    const { top } = placeTooltip(
      { left: 0, top: 60, width: 20, height: 20 },
      { width: 200, height: 280 },
      viewport,
    );
    expect(top).toBeGreaterThanOrEqual(8);
  });
});
