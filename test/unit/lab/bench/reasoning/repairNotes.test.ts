import { expect, it } from 'vitest';
import { repairNotes } from '../../../../../lab/bench/reasoning/repairNotes.ts';
import { parseStrategyRow } from '../../../../../lab/bench/reasoning/strategyRow.ts';
import { rawCandidate, rawTrace } from '../../../../support/trace/rawTraces.ts';

const row = parseStrategyRow('directBestOfN:2');
const of = { row: row.key };
const program = (answer: string, change = {}) => rawCandidate(answer, 1, change);
const passing = rawTrace('a', [program('right', { isSelected: true }), program('wrong')], of);
const repaired = rawTrace(
  'b',
  [program('wrong', { isSelected: true }), program('wrong'), program('right')],
  of,
);
const mended = rawTrace(
  'c',
  [program('wrong'), program('wrong'), program('right', { isSelected: true })],
  of,
);

it('counts repairs that were not chosen, and what a question takes without them', () => {
  expect(repairNotes([passing, repaired], [row])).toEqual([
    'directBestOfN:2 wrote 1 program of 2 anew. None was chosen, so without repairs the answers are the same, at 2 tokens a question.',
  ]);
});

it('counts repairs that were chosen, and those that were right', () => {
  expect(repairNotes([passing, repaired, mended], [row])).toEqual([
    'directBestOfN:2 wrote 2 programs of 3 anew. 1 repair chosen, 1 right; without repairs the other answers are the same, at 2 tokens a question.',
  ]);
});

it('says nothing of rows without a repair', () => {
  const other = parseStrategyRow('direct');
  expect(repairNotes([passing, rawTrace('a', [program('right')], { row: 'direct' })], [row, other])).toEqual(
    [],
  );
});
