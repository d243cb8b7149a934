import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox, uniformAt } from '../../../../sidecar/numeric/random.ts';

const word = fc.integer({ min: 0, max: 0xffffffff });

describe('philox', () => {
  it('gives the published vectors of Philox4x32-10', () => {
    expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([
      0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd,
    ]);
    expect(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });
});

describe('uniformAt', () => {
  it('stays in [0, 1) and depends on nothing but its arguments', () => {
    fc.assert(
      fc.property(word, word, word, (seed, stream, index) => {
        const value = uniformAt(seed, stream, index);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(1);
        expect(uniformAt(seed, stream, index)).toBe(value);
      }),
    );
  });

  it('is uniform in mean and spread', () => {
    const values = Array.from({ length: 20_000 }, (_, i) => uniformAt(7, 0, i));
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  it('differs between seeds and between streams', () => {
    expect(uniformAt(1, 0, 5)).not.toBe(uniformAt(2, 0, 5));
    expect(uniformAt(1, 0, 5)).not.toBe(uniformAt(1, 1, 5));
  });
});
