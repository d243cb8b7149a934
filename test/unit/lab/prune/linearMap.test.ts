import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLinearMap, mapError, type MapSums, solveMap } from '../../../../lab/prune/linearMap.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';

type Rows = readonly (readonly number[])[];

function sumsOf(inputs: Rows, targets: Rows): MapSums {
  const size = inputs[0]?.length ?? 0;
  const gram = new Float64Array(size * size);
  const cross = new Float64Array(size * size);
  let targetPower = 0;
  for (const [k, input] of inputs.entries()) {
    const target = targets[k] ?? [];
    for (let i = 0; i < size; i++) {
      targetPower += (target[i] ?? 0) ** 2;
      for (let j = 0; j < size; j++) {
        gram[i * size + j] = (gram[i * size + j] ?? 0) + (input[i] ?? 0) * (input[j] ?? 0);
        cross[i * size + j] = (cross[i * size + j] ?? 0) + (input[i] ?? 0) * (target[j] ?? 0);
      }
    }
  }
  return { size, gram, cross, targetPower };
}

const times = (row: readonly number[], map: Rows): number[] =>
  (map[0] ?? []).map((_, j) => row.reduce((sum, value, i) => sum + value * (map[i]?.[j] ?? 0), 0));

/** Rows that are all different, from −1 to 1, the same for a seed. */
const rowsOf = (count: number, size: number, seed: number): Rows =>
  Array.from({ length: count }, (_, k) =>
    Array.from({ length: size }, (_unused, i) => 2 * uniformAt(seed, k, i) - 1),
  );

const distance = (a: Float64Array, b: Rows): number =>
  Math.max(...b.flat().map((value, i) => Math.abs(value - (a[i] ?? NaN))));

describe('solveMap', () => {
  it('is the ridge solution computed by hand', () => {
    // G = 4, C = 6, λ·mean(G) = 2: T = (6 + 2) / (4 + 2).
    const sums = { size: 1, gram: Float64Array.of(4), cross: Float64Array.of(6), targetPower: 9 };
    expect(solveMap(sums, 0.5)?.[0]).toBeCloseTo(8 / 6, 12);
  });

  it('finds the map that made the targets', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(99), (size, seed) => {
        const map = rowsOf(size, size, seed + 1000);
        const inputs = rowsOf(6 * size + 4, size, seed);
        const sums = sumsOf(
          inputs,
          inputs.map((row) => times(row, map)),
        );
        expect(distance(solveMap(sums, 1e-12) ?? new Float64Array(), map)).toBeLessThan(1e-5);
      }),
      { numRuns: 30 },
    );
  });

  it('is no change where λ is everything', () => {
    const inputs = rowsOf(20, 3, 1);
    const sums = sumsOf(
      inputs,
      inputs.map((row) => row.map((value) => -5 * value)),
    );
    const unchanged = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    expect(distance(solveMap(sums, 1e12) ?? new Float64Array(), unchanged)).toBeLessThan(1e-9);
  });

  it('gives nothing where the rows leave a direction open and λ is nothing', () => {
    const rows = [
      [1, 1],
      [2, 2],
    ];
    expect(solveMap(sumsOf(rows, rows), 0)).toBeNull();
    expect(solveMap(sumsOf(rows, rows), 1e-3)).not.toBeNull();
  });
});

describe('mapError', () => {
  it('is the share of the target that is missed', () => {
    const inputs = rowsOf(9, 4, 3);
    const targets = rowsOf(9, 4, 4);
    const map = rowsOf(4, 4, 5);
    const missed = inputs.flatMap((row, k) =>
      times(row, map).map((value, j) => value - (targets[k]?.[j] ?? 0)),
    );
    const square = (values: readonly number[]): number => values.reduce((sum, value) => sum + value ** 2, 0);
    const expected = square(missed) / square(targets.flat());
    expect(mapError(sumsOf(inputs, targets), Float64Array.from(map.flat()))).toBeCloseTo(expected, 9);
  });
});

describe('fitLinearMap', () => {
  const map = rowsOf(5, 5, 1000);
  const sums = (seed: number, noise: number): MapSums => {
    const inputs = rowsOf(12, 5, seed);
    const targets = inputs.map((row, k) =>
      times(row, map).map((value, j) => value + noise * Math.sin(k * 7.7 + j * 3.1 + seed)),
    );
    return sumsOf(inputs, targets);
  };

  it('takes the λ that misses least of rows that were not fitted to, and then fits to all rows', () => {
    const [fitting, judging] = [sums(1, 0.5), sums(2, 0.5)];
    const lambdas = [1e-6, 1e-3, 1e-1, 1, 10];
    const errors = lambdas.map((lambda) =>
      mapError(judging, solveMap(fitting, lambda) ?? new Float64Array()),
    );
    const fitted = fitLinearMap(fitting, judging, lambdas);
    expect(fitted.judgedError).toBe(Math.min(...errors));
    expect(fitted.lambda).toBe(lambdas[errors.indexOf(fitted.judgedError)]);
    expect(fitted.judgedError).toBeLessThan(fitted.identityError);
    const plus = (a: Float64Array, b: Float64Array) => a.map((value, i) => value + (b[i] ?? NaN));
    const all = {
      size: fitting.size,
      gram: plus(fitting.gram, judging.gram),
      cross: plus(fitting.cross, judging.cross),
      targetPower: fitting.targetPower + judging.targetPower,
    };
    expect(fitted.values).toEqual(solveMap(all, fitted.lambda));
  });

  it('passes over a λ too small for the rows', () => {
    const rows = [
      [1, 1],
      [2, 2],
    ];
    const fitted = fitLinearMap(sumsOf(rows, rows), sumsOf(rows, rows), [0, 1e-2]);
    expect(fitted.lambda).toBe(1e-2);
  });

  it.each([
    ['are none', [[0, 0]]],
    ['are not numbers', [[NaN, 1]]],
  ])('says so where the rows %s', (_, rows) => {
    expect(() => fitLinearMap(sumsOf(rows, rows), sumsOf(rows, rows))).toThrow(
      expect.objectContaining({ code: 'parameter.invalid' }),
    );
  });
});
