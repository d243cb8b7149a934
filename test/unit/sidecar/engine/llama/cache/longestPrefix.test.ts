import { expect, it } from 'vitest';
import { longestPrefix } from '../../../../../../sidecar/engine/llama/cache/longestPrefix.ts';

it('finds the text that agrees longest, and none where not even the first token does', () => {
  const texts = [
    { cellsId: 1, tokens: [1, 2, 9] },
    { cellsId: 2, tokens: [1, 2, 3, 9] },
    { cellsId: 3, tokens: [7] },
  ];
  expect(longestPrefix([1, 2, 3, 4], texts)).toEqual({ cellsId: 2, length: 3 });
  expect(longestPrefix([5], texts)).toBeNull();
  expect(longestPrefix([], texts)).toBeNull();
});
