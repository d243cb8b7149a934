import { describe, expect, it } from 'vitest';
import { principalComponents } from '../../../../lab/numeric/principalComponents.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';
import { symmetricEigen } from '../../../../lab/numeric/symmetricEigen.ts';

/** Rows with their signs made alike: an eigenvector may point either way. */
function upright(values: Float64Array, size: number): number[][] {
  return Array.from({ length: values.length / size }, (_, row) => {
    const vector = [...values.subarray(row * size, (row + 1) * size)];
    const sign = Math.sign(vector.find((value) => Math.abs(value) > 1e-6) ?? 1);
    return vector.map((value) => value * sign);
  });
}

describe('symmetricEigen', () => {
  it('finds what is computed by hand', () => {
    // (2 − λ)² = 1: 3 along (1, 1) and 1 along (1, −1); the third axis is by itself.
    const { values, vectors } = symmetricEigen(Float64Array.from([2, 1, 0, 1, 2, 0, 0, 0, 5]), 3);
    expect([...values].map((value) => Number(value.toFixed(9)))).toEqual([5, 3, 1]);
    const half = Math.SQRT1_2;
    const expected = [
      [0, 0, 1],
      [half, half, 0],
      [half, -half, 0],
    ];
    for (const [row, vector] of upright(vectors, 3).entries()) {
      for (const [i, value] of vector.entries()) expect(value).toBeCloseTo(expected[row]?.[i] ?? NaN, 9);
    }
  });
});

describe('principalComponents', () => {
  it('finds the directions and variances of points computed by hand', () => {
    // 3 away along (3, 4)/5, and 1 away across it: variances 9 · 2/4 and 1 · 2/4.
    const points = [
      [9 / 5, 12 / 5],
      [-9 / 5, -12 / 5],
      [4 / 5, -3 / 5],
      [-4 / 5, 3 / 5],
    ];
    const { components, variances } = principalComponents(points, 2);
    const [first, second] = upright(components, 2);
    expect(first?.map((value) => Number(value.toFixed(6)))).toEqual([0.6, 0.8]);
    expect(second?.map((value) => Number(value.toFixed(6)))).toEqual([0.8, -0.6]);
    expect(variances[0]).toBeCloseTo(4.5, 9);
    expect(variances[1]).toBeCloseTo(0.5, 9);
  });

  it('agrees with all eigenvalues of the covariance where more columns are there than are asked for', () => {
    const size = 40;
    const rows = Array.from({ length: 90 }, (_, row) =>
      Float64Array.from({ length: size }, (_, i) => (uniformAt(4, row, i) - 0.5) * (1 + 20 / (i + 1))),
    );
    const covariance = new Float64Array(size * size);
    for (let i = 0; i < size * size; i++) {
      const [a, b] = [Math.floor(i / size), i % size];
      covariance[i] = rows.reduce((sum, row) => sum + (row[a] ?? 0) * (row[b] ?? 0), 0) / rows.length;
    }
    const expected = symmetricEigen(covariance, size).values;
    const { variances, components } = principalComponents(rows, 6);
    for (const [i, variance] of variances.entries()) expect(variance).toBeCloseTo(expected[i] ?? NaN, 5);
    // The variance of the rows' scores is what is said of it.
    const scores = rows.map((row) => row.reduce((sum, value, i) => sum + value * (components[i] ?? 0), 0));
    const variance = scores.reduce((sum, score) => sum + score * score, 0) / rows.length;
    expect(variance).toBeCloseTo(expected[0] ?? NaN, 5);
    expect(principalComponents(rows, 6).components).toEqual(components);
  });
});
