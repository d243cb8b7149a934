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

it('counts repairs, those that were chosen, and what a question takes without them', () => {
  expect(repairNotes([passing, repaired], [row])).toEqual([
    'directBestOfN:2 repaired a program in 1 of 2 questions. Repairs chosen: 0, right: 0. Repairs that wrote the chosen program again: 0. Tokens of a question without repairs: 2.',
  ]);
  expect(repairNotes([passing, repaired, mended], [row])[0]).toContain('Repairs chosen: 1, right: 1.');
});

it('counts repairs that wrote the chosen program again', () => {
  const same = rawTrace('d', [program('wrong', { isSelected: true }), program('a'), program('wrong')], of);
  expect(repairNotes([same, repaired], [row])[0]).toContain('wrote the chosen program again: 1.');
});

it('says nothing of rows without a repair', () => {
  const other = parseStrategyRow('direct');
  expect(repairNotes([passing, rawTrace('a', [program('right')], { row: 'direct' })], [row, other])).toEqual(
    [],
  );
});
