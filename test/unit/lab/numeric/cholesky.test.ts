import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choleskyFactor, choleskySolve } from '../../../../lab/numeric/cholesky.ts';

describe('choleskyFactor', () => {
  it('is the factor computed by hand', () => {
    const matrix = Float64Array.from([4, 12, -16, 12, 37, -43, -16, -43, 98]);
    expect([...(choleskyFactor(matrix, 3) ?? [])]).toEqual([2, 0, 0, 6, 1, 0, -8, 5, 3]);
  });

  it.each([
    ['a negative direction', [1, 2, 2, 1]],
    ['a direction that does not matter', [1, 1, 1, 1]],
    ['nothing at all', [0, 0, 0, 0]],
    ['what is no number', [NaN, 0, 0, 1]],
  ])('refuses a matrix with %s', (_, values) => {
    expect(choleskyFactor(Float64Array.from(values), 2)).toBeNull();
  });
});

describe('choleskySolve', () => {
  it('solves what it is given for any size and number of columns', () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 150 }), fc.nat(99));
    fc.assert(
      fc.property(shape, ([size, columns, seed]) => {
        const noise = (i: number): number => Math.sin(i * 12.9898 + seed) % 1;
        const half = Float64Array.from({ length: size * size }, (_, i) => noise(i));
        // HᵀH + I is positive definite.
        const matrix = new Float64Array(size * size);
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++) {
            let sum = i === j ? 1 : 0;
            for (let k = 0; k < size; k++) sum += (half[k * size + i] ?? 0) * (half[k * size + j] ?? 0);
            matrix[i * size + j] = sum;
          }
        }
        const wanted = Float64Array.from({ length: size * columns }, (_, i) => noise(i + 0.5));
        const right = new Float64Array(size * columns);
        for (let i = 0; i < size; i++) {
          for (let k = 0; k < size; k++) {
            for (let j = 0; j < columns; j++) {
              right[i * columns + j] =
                (right[i * columns + j] ?? 0) + (matrix[i * size + k] ?? 0) * (wanted[k * columns + j] ?? 0);
            }
          }
        }
        const found = choleskySolve(choleskyFactor(matrix, size) ?? new Float64Array(), size, right, columns);
        const worst = Math.max(...wanted.map((value, i) => Math.abs(value - (found[i] ?? NaN))));
        expect(worst).toBeLessThan(1e-9);
      }),
      { numRuns: 30 },
    );
  });
});
