import { describe, expect, it } from 'vitest';
import { choleskyFactor, choleskySolveVector } from '../../../../lab/numeric/cholesky.ts';
import { logisticRidge, probabilityOf } from '../../../../lab/numeric/logisticRidge.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';
import { rocArea } from '../../../../lab/numeric/rocArea.ts';

describe('logisticRidge', () => {
  it('gives the share of a class where nothing separates it', () => {
    const [model] = logisticRidge([[0], [0], [0], [0]], [true, true, true, false], [1]);
    expect(model?.weights[0]).toBeCloseTo(0, 9);
    expect(model && probabilityOf(model, [5])).toBeCloseTo(0.75, 3);
  });

  it('ends where the gradient of the penalised loss is zero', () => {
    const rows = Array.from({ length: 60 }, (_, row) => [0, 1, 2].map((i) => uniformAt(2, row, i) * 2 - 1));
    const labels = rows.map(([a = 0, b = 0], row) => a - 2 * b + uniformAt(3, row, 0) - 0.5 > 0);
    const lambdas = [0.1, 5];
    for (const [at, model] of logisticRidge(rows, labels, lambdas).entries()) {
      const errors = rows.map((row, i) => (labels[i] === true ? 1 : 0) - probabilityOf(model, row));
      expect(errors.reduce((sum, error) => sum + error, 0)).toBeCloseTo(0, 1);
      for (let i = 0; i < 3; i++) {
        const pull = rows.reduce((sum, row, n) => sum + (errors[n] ?? 0) * (row[i] ?? 0), 0);
        expect(pull).toBeCloseTo((lambdas[at] ?? 0) * (model.weights[i] ?? 0), 1);
      }
    }
    // More penalty, smaller weights, and their signs are those of the labels' rule.
    const [free, bound] = logisticRidge(rows, labels, lambdas);
    expect(free?.weights[0]).toBeGreaterThan(bound?.weights[0] ?? NaN);
    expect(bound?.weights[1]).toBeLessThan(0);
  });
});

describe('choleskySolveVector', () => {
  it('solves the system computed by hand', () => {
    const factor = choleskyFactor(Float64Array.from([4, 2, 2, 5]), 2);
    // 4x + 2y = 10 and 2x + 5y = 13.
    const solution = factor && choleskySolveVector(factor, 2, Float64Array.from([10, 13]));
    expect([...(solution ?? [])].map((value) => Number(value.toFixed(9)))).toEqual([1.5, 2]);
  });
});

describe('rocArea', () => {
  it.each([
    ['all in order', [1, 2, 3, 4], [false, false, true, true], 1],
    ['all the wrong way round', [4, 3, 2, 1], [false, false, true, true], 0],
    ['one pair of four wrong', [1, 3, 2, 4], [false, false, true, true], 0.75],
    ['a tie, which counts half', [1, 2, 2, 3], [false, false, true, true], 0.875],
    ['no score at all', [0, 0, 0], [true, false, true], 0.5],
    ['one class', [1, 2], [true, true], null],
  ])('is right for %s', (_, scores, labels, expected) => {
    expect(rocArea(scores, labels)).toBe(expected);
  });
});
