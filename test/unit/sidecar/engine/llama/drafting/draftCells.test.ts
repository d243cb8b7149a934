import { beforeEach, describe, expect, it } from 'vitest';
import { DraftCells, type DraftText } from '../../../../../../sidecar/engine/llama/drafting/draftCells.ts';

const capacity = 40;
/** What llama.cpp was told, in order: `rm id from` and `cp from to start end`. */
let calls: string[] = [];
let cells: DraftCells;

beforeEach(() => {
  calls = [];
  cells = new DraftCells(
    {
      removeCells: (_, id, from) => {
        calls.push(`rm ${id} ${from}`);
        return true;
      },
      shareCells: (_, from, to, start, end) => {
        calls.push(`cp ${from} ${to} ${start} ${end}`);
      },
    },
    null,
    capacity,
  );
});

const tokens = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i);

/** A text whose tokens are decoded, the last of them too, as behind a draft. */
function decoded(context: readonly number[]): DraftText {
  const text: DraftText = { cellsId: null, tokens: [] };
  const known = cells.align(text, context);
  expect(cells.makeRoom(context.length - known, text)).toBe(true);
  cells.extend(text, context.slice(known));
  return text;
}

describe('the cells of a draft context', () => {
  it('keep what a text still starts with, and give up the draft that was wrong', () => {
    const text = decoded([...tokens(5), 90, 91]);
    calls = [];
    // 90 was right, 91 was not; the last token waits for the call that asks for the next.
    expect(cells.align(text, [...tokens(5), 90, 50])).toBe(6);
    expect(calls).toEqual([`rm ${text.cellsId} 6`]);
    expect(text.tokens).toEqual([...tokens(5), 90]);
  });

  it('decode the last token again where nothing but it was known', () => {
    const text = decoded(tokens(5));
    expect(cells.align(text, tokens(5))).toBe(4);
  });

  it('are shared by a text that starts like another', () => {
    const first = decoded(tokens(10));
    const fork: DraftText = { cellsId: null, tokens: [] };
    expect(cells.align(fork, [...tokens(10), 77])).toBe(10);
    expect(calls).toContain(`cp ${first.cellsId} ${fork.cellsId} 0 10`);
    expect(cells.makeRoom(capacity - 10, fork)).toBe(true);
  });

  it('are taken from the text that was not drafted for longest, and never from the one that needs them', () => {
    const oldest = decoded(tokens(15));
    const newer = decoded(tokens(15, 100));
    cells.align(oldest, tokens(15));
    const text: DraftText = { cellsId: null, tokens: [] };
    cells.align(text, tokens(20, 200));
    expect(cells.makeRoom(20, text)).toBe(true);
    expect([oldest.cellsId === null, newer.cellsId === null]).toEqual([false, true]);
    expect(newer.tokens).toEqual([]);
    expect(cells.makeRoom(capacity + 1, text)).toBe(false);
    expect(text.cellsId).not.toBeNull();
  });

  it('go to a thirty-third text by way of the oldest one’s id', () => {
    const texts = tokens(33).map((number) => decoded([1000 + number]));
    expect(texts.filter(({ cellsId }) => cellsId === null)).toEqual([texts[0]]);
    expect(new Set(texts.slice(1).map(({ cellsId }) => cellsId)).size).toBe(32);
  });

  it('are as before when a decode was given up, and free once a text is dropped', () => {
    const text = decoded(tokens(8));
    calls = [];
    cells.restore(text);
    expect(calls).toEqual([`rm ${text.cellsId} 8`]);
    cells.drop(text);
    cells.drop(text);
    expect(text).toEqual({ cellsId: null, tokens: [] });
    expect(cells.makeRoom(capacity, text)).toBe(true);
  });
});
