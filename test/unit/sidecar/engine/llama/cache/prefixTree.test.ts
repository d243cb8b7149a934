import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrefixTree } from '../../../../../../sidecar/engine/llama/cache/prefixTree.ts';

function retired(tree: PrefixTree, cellsId: number, tokens: readonly number[]): readonly number[] {
  tree.hold(cellsId, tokens);
  const needless = tree.retire(cellsId);
  for (const other of needless) tree.truncate(other, 0);
  return needless;
}

/** Gives everything up, as a cache does that needs all its cells, and says in which order. */
function evictions(tree: PrefixTree, count: number): readonly (readonly [number, number])[] {
  const order: (readonly [number, number])[] = [];
  for (let next = tree.oldest(count); next !== null; next = tree.oldest(count)) {
    order.push([next.cellsId, next.length]);
    tree.truncate(next.cellsId, next.length);
  }
  return order;
}

describe('the longest prefix', () => {
  it('is that of any holder, live or retired, and none where not even the first token agrees', () => {
    const tree = new PrefixTree();
    tree.hold(1, [1, 2, 9]);
    retired(tree, 2, [1, 2, 3, 9]);
    tree.hold(3, [7]);
    expect(tree.longest([1, 2, 3, 4])).toEqual({ cellsId: 2, length: 3 });
    expect(tree.longest([7, 7])).toEqual({ cellsId: 3, length: 1 });
    expect(tree.longest([5])).toBeNull();
    expect(tree.longest([])).toBeNull();
  });

  it('takes as many steps as tokens agree, however many hold something', () => {
    const tree = new PrefixTree();
    for (let cellsId = 1; cellsId <= 250; cellsId++) {
      tree.hold(cellsId, [1, 2, 3, ...Array.from({ length: 500 }, (_, i) => cellsId * 1000 + i)]);
    }
    let reads = 0;
    const sought = new Proxy([1, 2, 3, 200_000, 200_001, 5], {
      get: (target, key, receiver) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
        return Reflect.get(target, key, receiver) as unknown;
      },
    });
    expect(tree.longest(sought)).toEqual({ cellsId: 200, length: 5 });
    expect(reads).toBeLessThan(16);
  });
});

describe('retired holders', () => {
  it('are given up least recently used first, a use being a match to their end', () => {
    const tree = new PrefixTree();
    for (const cellsId of [1, 2, 3]) retired(tree, cellsId, [cellsId, cellsId]);
    tree.longest([1, 1, 5]);
    expect(evictions(tree, 10)).toEqual([
      [2, 0],
      [3, 0],
      [1, 0],
    ]);
  });

  it('do not count as used by the few tokens that every text starts with', () => {
    const tree = new PrefixTree();
    retired(tree, 1, [5, 1, 1, 1]);
    retired(tree, 2, [5, 2, 2, 2]);
    tree.longest([5, 3]);
    expect(evictions(tree, 10)[0]).toEqual([1, 0]);
  });

  it('give up their ends first, as much as is needed', () => {
    const tree = new PrefixTree();
    retired(tree, 1, [1, 2, 3, 4, 5]);
    expect(tree.oldest(2)).toEqual({ cellsId: 1, length: 3 });
    tree.truncate(1, 3);
    expect(tree.longest([1, 2, 3, 4, 5])).toEqual({ cellsId: 1, length: 3 });
  });

  it('keep what they share with others that start alike', () => {
    const tree = new PrefixTree();
    retired(tree, 1, [1, 2, 3, 4]);
    retired(tree, 2, [1, 2, 5, 6]);
    // The first holder goes whole, because the second holds what would be left of it; then the second's own end.
    expect(evictions(tree, 10)).toEqual([
      [1, 0],
      [2, 2],
      [2, 0],
    ]);
  });

  it('are needless when another retired one holds all of theirs', () => {
    const tree = new PrefixTree();
    retired(tree, 1, [1, 2, 3]);
    expect(retired(tree, 2, [1, 2])).toEqual([2]);
    expect(retired(tree, 3, [1, 2, 3])).toEqual([3]);
    expect(retired(tree, 4, [1, 2, 3, 4])).toEqual([1]);
    expect(tree.retired).toEqual([4]);
  });

  it('are needed beside a live one that holds the same, which may drop it', () => {
    const tree = new PrefixTree();
    tree.hold(1, [1, 2, 3]);
    expect(retired(tree, 2, [1, 2])).toEqual([]);
    tree.truncate(1, 1);
    expect(tree.longest([1, 2, 3])).toEqual({ cellsId: 2, length: 2 });
  });

  it('are known by the position from which nobody else holds their tokens', () => {
    const tree = new PrefixTree();
    tree.hold(1, [1, 2, 3, 4]);
    expect(tree.soleFrom(1)).toBe(0);
    tree.hold(2, [1, 2, 9]);
    expect([tree.soleFrom(1), tree.soleFrom(2)]).toEqual([2, 2]);
    tree.hold(3, [1, 2, 3, 4]);
    expect(tree.soleFrom(1)).toBe(4);
  });
});

describe('whatever is held, dropped and given up', () => {
  const text = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 10 });
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('hold' as const), cellsId: fc.nat(5), tokens: text }),
    fc.record({ kind: fc.constant('truncate' as const), cellsId: fc.nat(5), length: fc.nat(10) }),
    fc.record({ kind: fc.constant('retire' as const), cellsId: fc.nat(5) }),
    fc.record({ kind: fc.constant('evict' as const), count: fc.integer({ min: 1, max: 6 }) }),
  );

  it('the tree knows each holder’s tokens and the longest prefix among them', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 50 }), text, (operations, sought) => {
        const tree = new PrefixTree();
        const held = new Map<number, readonly number[]>();
        const cut = (cellsId: number, length: number): void => {
          tree.truncate(cellsId, length);
          const left = held.get(cellsId)?.slice(0, length) ?? [];
          if (left.length === 0) held.delete(cellsId);
          else held.set(cellsId, left);
        };
        for (const step of operations) {
          switch (step.kind) {
            case 'hold': {
              if (tree.retired.includes(step.cellsId)) break;
              // A holder only ever adds to what it holds.
              const tokens = [...(held.get(step.cellsId) ?? []), ...step.tokens];
              tree.hold(step.cellsId, tokens);
              held.set(step.cellsId, tokens);
              break;
            }
            case 'truncate':
              cut(step.cellsId, step.length);
              break;
            case 'retire':
              if (held.has(step.cellsId) && !tree.retired.includes(step.cellsId)) {
                for (const needless of tree.retire(step.cellsId)) cut(needless, 0);
              }
              break;
            case 'evict': {
              const eviction = tree.oldest(step.count);
              if (eviction === null) break;
              expect(eviction.length).toBeLessThan(tree.length(eviction.cellsId));
              cut(eviction.cellsId, eviction.length);
              break;
            }
          }
        }
        for (let cellsId = 0; cellsId <= 5; cellsId++) {
          expect(tree.tokensOf(cellsId)).toEqual(held.get(cellsId) ?? []);
        }
        const match = tree.longest(sought);
        expect(match?.length ?? 0).toBe(
          Math.max(0, ...[...held.values()].map((t) => commonLength(t, sought))),
        );
        if (match !== null) {
          expect(commonLength(held.get(match.cellsId) ?? [], sought)).toBe(match.length);
        }
        evictions(tree, 3);
        expect(tree.retired).toEqual([]);
      }),
    );
  });
});

function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
