import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spreadOver } from '../../../../lab/numeric/spreadOver.ts';

describe('items spread over a list', () => {
  test('come from all over it', () => {
    const places = spreadOver([...Array(100).keys()], 8, () => 1);
    expect(places).toHaveLength(8);
    expect(places[0]).toBe(0);
    const gaps = places.slice(1).map((place, index) => place - (places[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(12);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(13);
  });

  test('come to the amount, and beyond it by less than the largest, or are all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 })),
        fc.integer({ min: 1, max: 400 }),
        (sizes, amount) => {
          const sum = (values: readonly number[]): number =>
            values.reduce((total, value) => total + value, 0);
          const chosen = spreadOver(sizes, amount, (size) => size);
          if (amount >= sum(sizes)) {
            expect(chosen).toBe(sizes);
          } else {
            expect(sum(chosen)).toBeGreaterThanOrEqual(amount);
            expect(sum(chosen)).toBeLessThan(amount + Math.max(...sizes));
          }
        },
      ),
    );
  });
});
