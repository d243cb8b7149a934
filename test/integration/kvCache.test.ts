import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openCells, type OpenCells, type Placed } from '../support/engine/openCells.ts';

const contextTokens = 256;

/** Positions that llama.cpp itself holds for a sequence, as its saved state lists them. */
function nativePositions(cells: OpenCells, cellsId: number): readonly number[] {
  const state = cells.state.save(cellsId, 0, contextTokens);
  if (state === null) throw new Error('The state cannot be saved.');
  const numbers = new Int32Array(state.buffer, 0, Math.floor(state.length / 4));
  // Magic, id, streams, cells; then position, owners and owner of each cell.
  const count = numbers[3] ?? 0;
  return Array.from({ length: count }, (_, i) => numbers[4 + i * 3] ?? -1).sort((a, b) => a - b);
}

const upTo = (length: number): readonly number[] => Array.from({ length }, (_, i) => i);

describe('the ledger of cells', () => {
  const text = fc.array(fc.integer({ min: 1000, max: 1002 }), { minLength: 4, maxLength: 60 });
  const operation = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('prompt' as const), text }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('retire' as const), pick: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('fork' as const), pick: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('shift' as const), pick: fc.nat(9) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('cut' as const), pick: fc.nat(9), length: fc.nat(40) }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const), pick: fc.nat(9) }) },
  );

  it('says of every sequence what llama.cpp says, and how many cells are free', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 14 }), fc.boolean(), async (operations, isHosted) => {
        using cells = await openCells({ contextTokens, hostBytes: isHosted ? 2 ** 24 : 0 });
        const { cache } = cells;
        const live = new Map<number, readonly number[]>();
        const holders = () =>
          [...live].map(([cellsId, tokens]) => ({ cellsId, tokens, decodedCount: tokens.length }));
        for (const step of operations) {
          const picked = 'pick' in step ? [...live.keys()][step.pick % Math.max(1, live.size)] : undefined;
          const held = picked === undefined ? undefined : live.get(picked);
          switch (step.kind) {
            case 'prompt': {
              const cellsId = cache.take();
              if (cellsId === null) break;
              const from = cache.reuse(cellsId, step.text.slice(0, -1), { live: holders(), restores: true });
              if (!cache.makeRoom(step.text.length - from)) {
                cache.retire(cellsId, []);
                break;
              }
              cells.extend(cellsId, step.text.slice(from));
              live.set(cellsId, step.text);
              break;
            }
            case 'retire':
            case 'abandon':
              if (picked === undefined || held === undefined) break;
              if (step.kind === 'abandon') cache.distrust(picked);
              cache.retire(picked, held);
              live.delete(picked);
              break;
            case 'fork': {
              const copy = picked === undefined ? null : cache.take();
              if (picked === undefined || held === undefined || copy === null) break;
              cache.share(picked, copy, held.length);
              live.set(copy, held);
              break;
            }
            case 'shift': {
              if (picked === undefined || held === undefined) break;
              const { from, count } = cache.shift(picked);
              live.set(picked, [...held.slice(0, from), ...held.slice(from + count)]);
              break;
            }
            case 'cut':
              if (picked === undefined || held === undefined) break;
              cache.truncate(picked, step.length);
              live.set(picked, held.slice(0, step.length));
              break;
          }
          for (const [cellsId, tokens] of live) {
            expect(cache.length(cellsId)).toBe(tokens.length);
            expect(nativePositions(cells, cellsId)).toEqual(upTo(tokens.length));
          }
        }
        for (const [cellsId, tokens] of live) cache.retire(cellsId, tokens);
        // Every cell can be had once everything is given up, and not one more.
        const last = cache.take() ?? 0;
        expect(cache.makeRoom(contextTokens)).toBe(true);
        const all = upTo(contextTokens).map((position): Placed => [1000, position, last]);
        cells.decode(all, [0]);
        expect(() => cells.decode([[1000, contextTokens, last]], [0])).toThrow('noCells');
      }),
      { numRuns: 12 },
    );
  });
});

describe('a sequence that gave no numbers', () => {
  it('is no prefix of anything, and neither is what it may have taken them from', async () => {
    using cells = await openCells({ contextTokens, hostBytes: 2 ** 24 });
    const { cache } = cells;
    const text = Array.from({ length: 60 }, (_, i) => 1000 + i);
    const [first, second] = [cache.take() ?? 0, cache.take() ?? 0];
    cells.extend(first, text);
    cache.share(first, second, 60);
    cache.retire(first, text);
    cache.distrust(second);
    cache.retire(second, text);
    const third = cache.take() ?? 0;
    expect(cache.reuse(third, text, { live: [], restores: true })).toBe(0);
    expect(cache.makeRoom(contextTokens)).toBe(true);
  });
});

describe('a retired prefix', () => {
  const prompt = upTo(100).map((i) => 1000 + i);
  const nothing = { live: [], restores: true };

  it('leaves its cells when another text comes, but for what they share, and comes back from memory', async () => {
    using cells = await openCells({ contextTokens, hostBytes: 2 ** 24 });
    const { cache } = cells;
    const first = cache.take() ?? -1;
    cells.extend(first, prompt);
    cache.retire(first, prompt);
    expect(nativePositions(cells, first)).toEqual(upTo(100));
    const other = cache.take() ?? -1;
    expect(cache.reuse(other, [...prompt.slice(0, 40), 7, 8, 9], nothing)).toBe(40);
    expect(nativePositions(cells, first)).toEqual([]);
    expect(nativePositions(cells, other)).toEqual(upTo(40));
    const again = cache.take() ?? -1;
    const live = [{ cellsId: other, tokens: prompt.slice(0, 40), decodedCount: 40 }];
    expect(cache.reuse(again, prompt, { live, restores: true })).toBe(100);
    expect(nativePositions(cells, again)).toEqual(upTo(100));
  });

  it('keeps its cells where there is no memory to move to', async () => {
    using cells = await openCells({ contextTokens });
    const { cache } = cells;
    const first = cache.take() ?? -1;
    cells.extend(first, prompt);
    cache.retire(first, prompt);
    expect(cache.reuse(cache.take() ?? -1, [7, 8, 9], nothing)).toBe(0);
    expect(nativePositions(cells, first)).toEqual(upTo(100));
  });
});
