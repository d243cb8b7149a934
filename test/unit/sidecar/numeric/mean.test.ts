import { expect, test } from 'vitest';
import { mean, median } from '../../../../sidecar/numeric/mean.ts';

test('the mean is the sum by the count, and 0 of none', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(mean([])).toBe(0);
});

test('the median is the middle value, the mean of the middle two of an even count, and NaN of none', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([])).toBeNaN();
});
