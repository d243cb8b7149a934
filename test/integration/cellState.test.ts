import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cacheTypes } from '../../sidecar/engine/llama/loading/cacheType.ts';
import { openCells, type OpenCells } from '../support/engine/openCells.ts';

const contextTokens = 512;
const text = Array.from({ length: 120 }, (_, i) => 1000 + ((i * 613) % 30_000));
const other = Array.from({ length: 60 }, (_, i) => 2000 + ((i * 977) % 30_000));

function saved(cells: OpenCells, cellsId: number, from: number, to: number): Uint8Array {
  const state = cells.state.save(cellsId, from, to);
  if (state === null) throw new Error('The state cannot be saved.');
  return state;
}

/** What stands for a state's bytes: megabytes are slow to compare one by one. */
function digest(state: Uint8Array): string {
  return createHash('sha256').update(state).digest('hex');
}

/** Largest difference of two rows of logits. */
function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);
}

describe.each(cacheTypes)('cells kept as %s', (cacheType) => {
  it('come back with the logits of cells that never left, to rounding', async () => {
    using cells = await openCells({ contextTokens, cacheType });
    cells.extend(1, text.slice(0, -1));
    const state = saved(cells, 1, 0, text.length - 1);
    const last = text.slice(-1);
    const kept = cells.extend(1, last);
    cells.cache.truncate(1, 0);
    // Others lie where the cells were, so that they come back to other places.
    cells.extend(2, other);
    expect(cells.state.restore(state, 3, 0, text.length - 1)).toBe(true);
    const [restored] = cells.decode([[last[0] ?? 0, text.length - 1, 3]], [0]);
    const spread = distance(kept, cells.extend(2, last));
    expect(distance(kept, restored ?? kept)).toBeLessThan(spread / 20);
  });

  it('come back in runs that lie behind each other', async () => {
    using cells = await openCells({ contextTokens, cacheType });
    cells.extend(1, text);
    const [head, tail] = [saved(cells, 1, 0, 70), saved(cells, 1, 70, 120)];
    const whole = saved(cells, 1, 0, 120);
    cells.cache.truncate(1, 0);
    expect(cells.state.restore(head, 1, 0, 70)).toBe(true);
    expect(cells.state.restore(tail, 1, 70, 120)).toBe(true);
    expect(digest(saved(cells, 1, 0, 120))).toBe(digest(whole));
    expect(tail.length).toBeLessThan(head.length);
  });

  it('are written the same whoever shares them', async () => {
    using cells = await openCells({ contextTokens, cacheType });
    cells.extend(1, text);
    const alone = saved(cells, 1, 0, 120);
    for (const sharer of [2, 3, 200]) cells.cache.share(1, sharer, 100);
    expect(digest(saved(cells, 1, 0, 120))).toBe(digest(alone));
    expect(digest(saved(cells, 200, 0, 100))).toBe(digest(saved(cells, 1, 0, 100)));
    // Writing has taken nobody's cells away: the sharers go, and the sequence is as it was.
    for (const sharer of [2, 3, 200]) cells.cache.truncate(sharer, 0);
    expect(digest(saved(cells, 1, 0, 120))).toBe(digest(alone));
  });
});

describe('a state that does not fit', () => {
  it.each<[string, (state: Uint8Array) => Uint8Array]>([
    ['cut short', (state) => state.slice(0, state.length / 2)],
    ['empty', () => new Uint8Array(new ArrayBuffer(0))],
    ['of another library', (state) => state.slice().fill(1, 0, 8)],
  ])('is refused when it is %s, and leaves nothing behind', async (_what, damage) => {
    using cells = await openCells({ contextTokens });
    cells.extend(1, text);
    const state = saved(cells, 1, 0, 120);
    expect(cells.state.restore(damage(state), 2, 0, 120)).toBe(false);
    // All cells but those of the first sequence can be had.
    cells.extend(3, [...text, ...text, ...text]);
    expect(digest(saved(cells, 1, 0, 120))).toBe(digest(state));
  });

  it('is refused by a cache of another type', async () => {
    using quantized = await openCells({ contextTokens, cacheType: 'q8_0' });
    quantized.extend(1, text);
    const state = saved(quantized, 1, 0, 120);
    using cells = await openCells({ contextTokens });
    expect(cells.state.restore(state, 1, 0, 120)).toBe(false);
  });
});
