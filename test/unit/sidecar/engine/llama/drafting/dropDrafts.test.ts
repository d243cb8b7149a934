import { expect, it } from 'vitest';
import { dropDrafts } from '../../../../../../sidecar/engine/llama/drafting/dropDrafts.ts';
import { idRun, LiveCells } from '../../../../../support/engine/liveCells.ts';

/** Parts of a round with drafts of so many tokens. */
function partsOf(draftLengths: readonly number[]) {
  const live = new LiveCells(256);
  return draftLengths.map((length, i) => {
    const sequence = live.open(idRun(i + 1, 10));
    const nodes = Array.from({ length }, (_, index) => ({
      token: 100 + index,
      parent: index - 1,
      confidence: 0.5,
      grounds: '',
    }));
    sequence.draft = { source: 'trie', nodes };
    return { sequence, tokens: 1 + length };
  });
}

it('drops as few drafts as make a round fit, the longest first', () => {
  const parts = partsOf([3, 8, 0, 5]);
  const fitInto = (room: number) => () => parts.reduce((sum, { tokens }) => sum + tokens, 0) <= room;
  dropDrafts(parts, fitInto(20));
  expect(parts.map(({ tokens }) => tokens)).toEqual([4, 9, 1, 6]);
  dropDrafts(parts, fitInto(19));
  expect(parts.map(({ tokens }) => tokens)).toEqual([4, 1, 1, 6]);
  expect(parts.map(({ sequence }) => sequence.draft.nodes.length)).toEqual([3, 0, 0, 5]);
  dropDrafts(parts, fitInto(3));
  expect(parts.map(({ tokens }) => tokens)).toEqual([1, 1, 1, 1]);
});
