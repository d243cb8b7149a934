import { describe, expect, it } from 'vitest';
import {
  commonPrefixLength,
  longestPrefix,
  RetiredPrefixes,
} from '../../../../sidecar/engine/llama/prefixCache.ts';

describe('longestPrefix', () => {
  it('finds the holder that agrees longest, and none where not even the first token does', () => {
    const holders = [
      { cellsId: 1, tokens: [1, 2, 9] },
      { cellsId: 2, tokens: [1, 2, 3, 9] },
      { cellsId: 3, tokens: [7] },
    ];
    expect(longestPrefix([1, 2, 3, 4], holders)).toEqual({ cellsId: 2, length: 3 });
    expect(longestPrefix([5], holders)).toBeNull();
    expect(longestPrefix([], holders)).toBeNull();
  });

  it('counts what two texts have in common', () => {
    expect(commonPrefixLength([], [1])).toBe(0);
    expect(commonPrefixLength([1, 2], [1, 2, 3])).toBe(2);
  });
});

describe('RetiredPrefixes', () => {
  it('lets the least recently used go first', () => {
    const retired = new RetiredPrefixes();
    retired.add({ cellsId: 1, tokens: [1] });
    retired.add({ cellsId: 2, tokens: [2] });
    retired.add({ cellsId: 3, tokens: [3] });
    retired.touch({ cellsId: 1, length: 1 });
    expect([retired.evict(), retired.evict(), retired.evict(), retired.evict()]).toEqual([2, 3, 1, null]);
  });

  it('does not take a few tokens at the start for a use of the whole', () => {
    const retired = new RetiredPrefixes();
    retired.add({ cellsId: 1, tokens: [5, 1, 1, 1] });
    retired.add({ cellsId: 2, tokens: [5, 2, 2, 2] });
    retired.touch({ cellsId: 1, length: 1 });
    expect(retired.evict()).toBe(1);
  });

  it('does not keep what another holds already, and counts that as used', () => {
    const retired = new RetiredPrefixes();
    retired.add({ cellsId: 1, tokens: [1, 2, 3] });
    retired.add({ cellsId: 2, tokens: [7] });
    expect(retired.add({ cellsId: 3, tokens: [1, 2] })).toEqual([3]);
    expect(retired.add({ cellsId: 4, tokens: [1, 2, 3] })).toEqual([4]);
    expect([retired.evict(), retired.evict(), retired.evict()]).toEqual([2, 1, null]);
  });

  it('drops a prefix of what is added, and only that', () => {
    const retired = new RetiredPrefixes();
    retired.add({ cellsId: 1, tokens: [1, 2] });
    retired.add({ cellsId: 2, tokens: [1, 3] });
    expect(retired.add({ cellsId: 3, tokens: [1, 2, 3] })).toEqual([1]);
    expect([...retired.holders].map(({ cellsId }) => cellsId)).toEqual([2, 3]);
  });

  it('ignores the use of a sequence that is alive', () => {
    const retired = new RetiredPrefixes();
    retired.touch({ cellsId: 4, length: 9 });
    expect(retired.evict()).toBeNull();
  });
});
