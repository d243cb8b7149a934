import { describe, expect, it } from 'vitest';
import type { Sequence } from '../../sidecar/engine/engine.ts';
import { generated, longText, requestWith, unhurried } from '../support/engine/generating.ts';
import { openCells } from '../support/engine/openCells.ts';
import { openModel } from '../support/engine/realEngine.ts';

const contextTokens = 512;
const creative = { temperature: 1, topK: 0, topP: 1, minP: 0 };

const { model } = await openModel('smollm2-135m', { contextTokens });

async function promptOf(count: number, seed: number): Promise<readonly number[]> {
  return (await model.tokenize(longText(count, seed), { special: false })).slice(0, count);
}

async function opened(tokens: readonly number[], shiftsContext: boolean): Promise<Sequence> {
  const sequence = await model.openSequence({ priority: 'background', shiftsContext }, unhurried);
  await sequence.append(tokens, unhurried);
  return sequence;
}

describe('a generation that outgrows the context', () => {
  it('goes on when it was opened so, and says how many tokens were dropped', async () => {
    const sequence = await opened(await promptOf(480, 1), true);
    const request = requestWith({ sampler: creative, maxTokens: 200 });
    const { end, ids, droppedTokenCount } = await generated(sequence, request);
    if (end.type === 'maxTokens') expect(ids).toHaveLength(200);
    else expect(end.type).toBe('endToken');
    expect(ids.length).toBeGreaterThan(contextTokens - 480);
    // A quarter of what lies behind the first four, each time the context is full.
    expect(droppedTokenCount).toBeGreaterThanOrEqual(Math.floor((contextTokens - 1 - 4) / 4));
    expect(sequence.length).toBeLessThanOrEqual(contextTokens);
    const isEnded = end.type === 'endToken' ? 1 : 0;
    expect(sequence.length).toBe(480 + ids.length + isEnded - droppedTokenCount);
    await sequence.dispose();
  });

  it('ends when it was not', async () => {
    const sequence = await opened(await promptOf(500, 2), false);
    const { end, droppedTokenCount } = await generated(
      sequence,
      requestWith({ sampler: creative, maxTokens: 100 }),
    );
    expect({ end, droppedTokenCount }).toEqual({ end: { type: 'contextFull' }, droppedTokenCount: 0 });
    await sequence.dispose();
  });

  it('ends while a fork holds the cells that would have to move, and the fork stays what it was', async () => {
    const sequence = await opened(await promptOf(500, 3), true);
    const [fork] = await sequence.fork(1, unhurried);
    if (fork === undefined) throw new Error('There is no fork.');
    const { end } = await generated(sequence, requestWith({ sampler: creative, maxTokens: 100 }));
    expect(end).toEqual({ type: 'contextFull' });
    expect(fork.length).toBe(500);
    await Promise.all([sequence.dispose(), fork.dispose()]);
  });

  it('is no prefix of anything afterwards, and leaves all its cells', async () => {
    const prompt = await promptOf(480, 4);
    const sequence = await opened(prompt, true);
    const { droppedTokenCount } = await generated(
      sequence,
      requestWith({ sampler: creative, maxTokens: 60 }),
    );
    expect(droppedTokenCount).toBeGreaterThan(0);
    await sequence.dispose();
    const again = await model.openSequence({ priority: 'background' }, unhurried);
    // Only what begins every text is found, in what other tests left.
    expect((await again.append(prompt, unhurried)).cachedTokenCount).toBeLessThan(8);
    await again.dispose();
  });
});

/** Byte for byte, of as many bytes. */
function isSame(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null || a.length !== b.length) throw new Error('These states cannot be compared.');
  return Buffer.compare(a, b) === 0;
}

const numbers = (count: number, from: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => from + i);

describe('a shift', () => {
  it('leaves the cells of others as they are, to the last bit', async () => {
    using cells = await openCells({ contextTokens });
    const [first, second] = [cells.cache.take() ?? 0, cells.cache.take() ?? 0];
    cells.extend(second, numbers(40, 1000));
    cells.extend(first, numbers(200, 2000));
    const before = cells.state.save(second, 0, 40);
    const own = cells.state.save(first, 53, 200);
    expect(cells.cache.shift(first)).toEqual({ from: 4, count: 49 });
    expect(cells.cache.isShiftPending).toBe(true);
    // The keys are rotated by the next decode, here one of another sequence yet.
    const third = cells.cache.take() ?? 0;
    cells.extend(third, [5]);
    expect(cells.cache.isShiftPending).toBe(false);
    expect(isSame(cells.state.save(second, 0, 40), before)).toBe(true);
    expect(isSame(cells.state.save(first, 4, 151), own)).toBe(false);
  });

  it('is refused where others hold what would move, and allowed where only what goes is shared', async () => {
    using cells = await openCells({ contextTokens });
    const [first, second] = [cells.cache.take() ?? 0, cells.cache.take() ?? 0];
    cells.extend(first, numbers(200, 2000));
    cells.cache.share(first, second, 100);
    expect(cells.cache.shift(first).count).toBe(0);
    cells.cache.truncate(second, 30);
    const before = cells.state.save(second, 0, 30);
    expect(cells.cache.shift(first).count).toBe(49);
    cells.extend(cells.cache.take() ?? 0, [5]);
    expect(isSame(cells.state.save(second, 0, 30), before)).toBe(true);
  });

  it('takes from retired prefixes what has to move', async () => {
    using cells = await openCells({ contextTokens });
    const [first, second] = [cells.cache.take() ?? 0, cells.cache.take() ?? 0];
    const tokens = numbers(200, 2000);
    cells.extend(first, tokens);
    cells.cache.share(first, second, 150);
    cells.cache.retire(second, tokens.slice(0, 150));
    expect(cells.cache.shift(first).count).toBe(49);
    // What lies before the place is still found.
    const third = cells.cache.take() ?? 0;
    expect(cells.cache.reuse(third, tokens, { live: [], restores: false })).toBe(53);
  });

  it('waits for everybody else to be gone where keys are quantized: it would round theirs again', async () => {
    using cells = await openCells({ contextTokens, cacheType: 'q8_0' });
    const [first, second] = [cells.cache.take() ?? 0, cells.cache.take() ?? 0];
    cells.extend(first, numbers(200, 2000));
    cells.extend(second, numbers(40, 1000));
    expect(cells.cache.shift(first).count).toBe(0);
    cells.cache.retire(second, numbers(40, 1000));
    expect(cells.cache.shift(first).count).toBe(49);
    cells.extend(cells.cache.take() ?? 0, [5]);
  });
});
