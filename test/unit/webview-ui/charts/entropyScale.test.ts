import { describe, expect, it } from 'vitest';
import {
  entropyHeight,
  entropyLevel,
  entropyLevelCount,
  fullHeightNats,
} from '../../../../webview-ui/charts/entropyScale.ts';

describe('entropyLevel', () => {
  it.each([
    [0, 0],
    [0.019, 0],
    [0.02, 1],
    [Math.log(1.35), 3],
    [Math.LN2, 4],
    [Math.log(9.99), 6],
    [Math.log(10), 7],
    [11.9, 7],
  ])('puts %f nats on level %i', (nats, level) => {
    expect(entropyLevel(nats)).toBe(level);
  });

  it('keeps to the levels the style sheet has, also for values that are no entropy', () => {
    expect(entropyLevel(Number.NaN)).toBe(0);
    expect(entropyLevel(-1)).toBe(0);
    expect(entropyLevel(Infinity)).toBe(entropyLevelCount - 1);
  });
});

describe('entropyHeight', () => {
  it('is the square root of the share of a full lane, and stays inside it', () => {
    expect(entropyHeight(0)).toBe(0);
    expect(entropyHeight(fullHeightNats / 4)).toBeCloseTo(0.5);
    expect(entropyHeight(100)).toBe(1);
    expect(entropyHeight(Number.NaN)).toBe(0);
  });
});
