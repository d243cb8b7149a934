import { expect, it } from 'vitest';
import { commonPrefixLength } from '../../../../sidecar/numeric/commonPrefixLength.ts';

it.each([
  [[1, 2, 3], [1, 2, 4], 2],
  [[1, 2], [1, 2, 3], 2],
  [[1], [2], 0],
  [[], [1], 0],
])('%j and %j begin with %i entries in common', (a, b, length) => {
  expect(commonPrefixLength(a, b)).toBe(length);
});
