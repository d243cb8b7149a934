import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { LogitsKernel } from '../../../../sidecar/numeric/logitsKernel.ts';
import { referenceLeading, referenceShape } from '../../../../sidecar/numeric/referenceStatistics.ts';
import { type DistributionShape, isFiniteRow, shapeOf } from '../../../../sidecar/numeric/tokenStatistics.ts';
import { kernelBytes } from '../../../support/engine/kernelBytes.ts';

let wasm: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  wasm = await kernelBytes('statistics');
});

function kernelOf(logits: readonly number[]): LogitsKernel {
  const kernel = new LogitsKernel(wasm, logits.length);
  kernel.row.set(logits);
  return kernel;
}

function shape(logits: readonly number[]): DistributionShape {
  return shapeOf(kernelOf(logits).analyse(1).sums);
}

const logits = fc
  .tuple(
    fc.array(fc.float({ min: -40, max: 40, noNaN: true }), { minLength: 1, maxLength: 3000 }),
    fc.float({ min: -100, max: 100, noNaN: true }),
  )
  .map(([values, offset]) => values.map((value) => Math.fround(value + offset)));

describe('exponentials', () => {
  it('are within a millionth of the exact ones', () => {
    const inputs = Array.from({ length: 4096 }, (_, i) => Math.fround((-86 * i) / 4095));
    const exact = inputs.map(Math.exp);
    const computed = kernelOf(inputs).exponentials(inputs.length);
    const errors = exact.map((value, i) => Math.abs((computed[i] ?? 0) / value - 1));
    expect(Math.max(...errors)).toBeLessThan(1e-6);
  });
});

describe('analyse', () => {
  it('gives ln n and no varentropy for n equal logits', () => {
    for (const count of [1, 2, 15, 16, 17, 1024, 1025, 5000]) {
      const { entropyNats, varentropy } = shape(Array.from({ length: count }, () => 3.5));
      expect(entropyNats).toBeCloseTo(Math.log(count), 5);
      expect(varentropy).toBeCloseTo(0, 5);
    }
  });

  it('gives the hand-computed values for probabilities 1/2, 1/4, 1/4', () => {
    const { entropyNats, varentropy, logNormalizer } = shape([Math.log(4), Math.log(2), Math.log(2)]);
    expect(entropyNats).toBeCloseTo(1.5 * Math.LN2, 6);
    expect(varentropy).toBeCloseTo(0.25 * Math.LN2 ** 2, 6);
    expect(logNormalizer).toBeCloseTo(Math.log(8), 6);
  });

  it('is sure of a token that towers over the others', () => {
    const { entropyNats, varentropy } = shape([80, -80, -80]);
    expect(entropyNats).toBeLessThan(1e-6);
    expect(varentropy).toBeLessThan(1e-6);
  });

  it('agrees with the definitions in double precision', () => {
    fc.assert(
      fc.property(logits, (values) => {
        const expected = referenceShape(values);
        const found = shape(values);
        expect(Math.abs(found.logNormalizer - expected.logNormalizer)).toBeLessThan(1e-5);
        expect(Math.abs(found.entropyNats - expected.entropyNats)).toBeLessThan(2e-5);
        expect(Math.abs(found.varentropy - expected.varentropy)).toBeLessThan(
          2e-4 * (1 + expected.varentropy),
        );
      }),
    );
  });

  it('is right where the largest logit comes last, in another block', () => {
    const values = Array.from({ length: 4000 }, (_, i) => Math.fround(i / 200));
    const expected = referenceShape(values);
    expect(shape(values).entropyNats).toBeCloseTo(expected.entropyNats, 4);
    expect(shape(values).varentropy).toBeCloseTo(expected.varentropy, 3);
  });

  it('lists the leading tokens, earlier ids first among equals', () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 20 }), (values, count) => {
        const { leading } = kernelOf(values).analyse(count);
        expect([...leading.ids]).toEqual(referenceLeading(values, Math.min(count, values.length)));
      }),
    );
    expect([...kernelOf([1, 5, 5, 2]).analyse(3).leading.ids]).toEqual([1, 2, 3]);
  });

  it('notices a row that is not all numbers', () => {
    expect(isFiniteRow(kernelOf([1, NaN, 2]).analyse(2).sums)).toBe(false);
    expect(isFiniteRow(kernelOf([1, Infinity, 2]).analyse(2).sums)).toBe(false);
    expect(isFiniteRow(kernelOf([1, -Infinity, 2]).analyse(2).sums)).toBe(true);
    expect(isFiniteRow(kernelOf([-Infinity, -Infinity]).analyse(2).sums)).toBe(false);
  });
});

describe('gather', () => {
  it('finds exactly the tokens at or above the threshold', () => {
    fc.assert(
      fc.property(logits, fc.float({ min: -50, max: 50, noNaN: true }), (values, threshold) => {
        const expected = values.flatMap((value, id) => (value >= threshold ? [id] : []));
        expect([...kernelOf(values).gather(threshold).ids]).toEqual(expected);
      }),
    );
  });
});

describe('draw', () => {
  it('follows the cumulative distribution at the temperature', () => {
    const values = [0, Math.log(3), -Infinity, Math.log(4)].map((value) => Math.fround(value));
    const kernel = kernelOf(values);
    const max = Math.fround(Math.log(4));
    // Weights 1, 3, 0, 4 of 8.
    expect([0, 0.12, 0.13, 0.49, 0.51, 0.999].map((uniform) => kernel.draw(max, 1, uniform))).toEqual([
      0, 0, 1, 1, 3, 3,
    ]);
    // At temperature 1/2 the weights are squared: 1, 9, 0, 16 of 26.
    expect([0.03, 0.05, 0.38, 0.39].map((uniform) => kernel.draw(max, 0.5, uniform))).toEqual([0, 1, 1, 3]);
  });

  it('is greedy at a temperature next to nothing', () => {
    expect(kernelOf([1, 5, 2]).draw(5, 1e-45, 0.999)).toBe(1);
  });

  it('reaches every block of a long row', () => {
    const kernel = kernelOf(Array.from({ length: 10_000 }, () => 1));
    for (const share of [0.05, 0.35, 0.55, 0.95]) {
      expect(kernel.draw(1, 1, share)).toBeCloseTo(share * 10_000, -1);
    }
  });
});
