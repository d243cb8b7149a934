import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrefixStore } from '../../../../../../sidecar/engine/llama/cache/prefixStore.ts';

/** Keeps the end of a text from `start` on, a byte for each token, under a name. */
function keep(store: PrefixStore<string>, tokens: readonly number[], start: number, content: string): void {
  store.add(tokens, { start, end: tokens.length, sizeBytes: tokens.length - start, content });
}

function found(store: PrefixStore<string>, tokens: readonly number[], from = 0): readonly unknown[] {
  return store.parts(tokens, from).map(({ run, from: start, to }) => [run.content, start, to]);
}

describe('PrefixStore', () => {
  it('gives back what texts have in common with what was kept, without a gap', () => {
    const store = new PrefixStore<string>(100);
    keep(store, [1, 2, 3, 4, 5, 6], 4, 'end');
    keep(store, [1, 2, 3, 4], 0, 'start');
    expect(found(store, [1, 2, 3, 4, 5, 9])).toEqual([
      ['start', 0, 4],
      ['end', 4, 5],
    ]);
    expect(found(store, [1, 2, 3, 4, 5], 2)).toEqual([
      ['start', 2, 4],
      ['end', 4, 5],
    ]);
    expect(found(store, [1, 2, 3], 3)).toEqual([]);
    expect(found(store, [2])).toEqual([]);
  });

  it('gives nothing behind a gap', () => {
    const store = new PrefixStore<string>(100);
    keep(store, [1, 2, 3, 4], 2, 'end');
    expect(found(store, [1, 2, 3, 4])).toEqual([]);
    expect(found(store, [1, 2, 3, 4], 1)).toEqual([]);
    expect(found(store, [1, 2, 3, 4], 3)).toEqual([['end', 3, 4]]);
    expect(store.has([1, 2, 3, 4], 2)).toBe(true);
    expect(store.has([1, 2, 3, 4], 1)).toBe(false);
  });

  it('keeps nothing twice', () => {
    const dropped: string[] = [];
    const store = new PrefixStore<string>(100, (content) => dropped.push(content));
    keep(store, [1, 2, 3], 0, 'first');
    keep(store, [1, 2, 3], 0, 'again');
    keep(store, [1, 2, 3, 4], 0, 'longer');
    expect(dropped).toEqual(['again']);
    expect(store.bytes).toBe(7);
    expect(found(store, [1, 2, 3, 4])).toEqual([
      ['first', 0, 3],
      ['longer', 3, 4],
    ]);
  });

  it('forgets the least recently used, and a run only once nothing of it is left', () => {
    const dropped: string[] = [];
    const store = new PrefixStore<string>(10, (content) => dropped.push(content));
    keep(store, [1, 1, 1, 1], 0, 'a');
    keep(store, [2, 2, 2, 2], 0, 'b');
    store.parts([1, 1, 1, 1], 0);
    keep(store, [3, 3, 3, 3], 0, 'c');
    expect(dropped).toEqual(['b']);
    // Splits 'a', whose end is then the least recently used; its start is still in use.
    keep(store, [1, 1, 2], 2, 'd');
    keep(store, [4], 0, 'e');
    expect(store.bytes).toBe(10);
    keep(store, [5], 0, 'f');
    expect(found(store, [1, 1, 1, 1])).toEqual([['a', 0, 2]]);
  });

  it('takes nothing that is larger than its budget', () => {
    const store = new PrefixStore<string>(2);
    keep(store, [1, 2, 3], 0, 'a');
    expect(store.bytes).toBe(0);
  });

  it('offers what it was told to forget no more', () => {
    const store = new PrefixStore<string>(100);
    keep(store, [1, 2, 3], 0, 'a');
    keep(store, [1, 2, 4], 2, 'b');
    const [part] = store.parts([1, 2, 3], 0);
    if (part !== undefined) store.forget(part.run);
    expect(found(store, [1, 2, 3])).toEqual([]);
    expect(store.bytes).toBe(1);
  });

  it('holds its budget, and gives only what was kept of the very text', () => {
    const text = fc.array(fc.nat(2), { minLength: 1, maxLength: 8 });
    const addition = fc.record({ tokens: text, startShare: fc.double({ min: 0, max: 0.99, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(addition, { maxLength: 30 }), text, fc.nat(7), (additions, sought, from) => {
        let alive = 0;
        const store = new PrefixStore<{ readonly tokens: readonly number[]; readonly start: number }>(
          12,
          () => {
            alive -= 1;
          },
        );
        for (const { tokens, startShare } of additions) {
          const start = Math.floor(startShare * tokens.length);
          alive += 1;
          store.add(tokens, {
            start,
            end: tokens.length,
            sizeBytes: tokens.length - start,
            content: { tokens, start },
          });
          expect(store.bytes).toBeLessThanOrEqual(12);
        }
        let at = from;
        for (const part of store.parts(sought, from)) {
          expect(part.from).toBe(at);
          expect(part.to).toBeGreaterThan(part.from);
          expect(part.run.start).toBeLessThanOrEqual(part.from);
          expect(part.run.end).toBeGreaterThanOrEqual(part.to);
          expect(part.run.content.tokens.slice(0, part.to)).toEqual(sought.slice(0, part.to));
          at = part.to;
        }
        expect(store.bytes === 0).toBe(alive === 0);
      }),
    );
  });
});
