import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { ProductSums } from '../../../../sidecar/numeric/productSums.ts';
import { kernelBytes } from '../../../support/engine/kernelBytes.ts';

let wasm: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  wasm = await kernelBytes('transposedProduct');
});

type Rows = readonly (readonly number[])[];

/** Adds the product in batches of `depth` rows and returns the sums. */
function sumsOf(left: Rows, right: Rows, depth: number): number[][] {
  const rows = left[0]?.length ?? 0;
  const sums = new ProductSums(wasm, { rows, columns: right[0]?.length ?? 0, depth });
  for (let start = 0; start < left.length; start += depth) {
    const count = Math.min(depth, left.length - start);
    for (let k = 0; k < count; k++) {
      sums.left(k).set(left[start + k] ?? []);
      sums.right(k).set(right[start + k] ?? []);
    }
    sums.add(count);
  }
  return Array.from({ length: rows }, (_, i) => [...sums.sums(i)]);
}

function exactSums(left: Rows, right: Rows): number[][] {
  const columns = right[0]?.length ?? 0;
  return (left[0] ?? []).map((_, i) =>
    Array.from({ length: columns }, (_unused, j) =>
      left.reduce((sum, row, k) => sum + (row[i] ?? 0) * (right[k]?.[j] ?? 0), 0),
    ),
  );
}

describe('sums of products', () => {
  it('are those computed by hand', () => {
    const left = [
      [1, 2],
      [3, 4],
    ];
    const right = [
      [5, 6, 7],
      [8, 9, 10],
    ];
    // [1·5 + 3·8, 1·6 + 3·9, 1·7 + 3·10], [2·5 + 4·8, …]
    expect(sumsOf(left, right, 2)).toEqual([
      [29, 33, 37],
      [42, 48, 54],
    ]);
  });

  it('are exact for whole numbers, whatever the sizes and the batches', () => {
    const shape = fc.record({
      tokens: fc.integer({ min: 1, max: 40 }),
      rows: fc.integer({ min: 1, max: 21 }),
      columns: fc.integer({ min: 1, max: 27 }),
      depth: fc.integer({ min: 1, max: 16 }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(shape, ({ tokens, rows, columns, depth, seed }) => {
        const matrix = (width: number, salt: number): Rows =>
          Array.from({ length: tokens }, (_, k) =>
            Array.from({ length: width }, (_unused, i) => ((k * 31 + i * 17 + seed + salt) % 201) - 100),
          );
        const [left, right] = [matrix(rows, 0), matrix(columns, 7)];
        expect(sumsOf(left, right, depth)).toEqual(exactSums(left, right));
      }),
      { numRuns: 50 },
    );
  });

  it('lose next to nothing over many batches', () => {
    const row = (k: number): number[] => [Math.fround(Math.sin(k) + 0.1), Math.fround(Math.cos(3 * k))];
    const rows = Array.from({ length: 20_000 }, (_, k) => row(k));
    const [found, exact] = [sumsOf(rows, rows, 256), exactSums(rows, rows)];
    const largest = Math.max(...exact.flat());
    for (const [i, line] of exact.entries()) {
      for (const [j, value] of line.entries()) {
        expect(Math.abs((found[i]?.[j] ?? NaN) - value) / largest).toBeLessThan(1e-6);
      }
    }
  });

  it('begin anew when they are cleared', () => {
    const sums = new ProductSums(wasm, { rows: 1, columns: 1, depth: 1 });
    sums.left(0)[0] = 2;
    sums.right(0)[0] = 3;
    sums.add();
    sums.clear();
    sums.add();
    expect([...sums.sums(0)]).toEqual([6]);
  });
});
