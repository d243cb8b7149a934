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

it('counts repairs, and what a question takes without them', () => {
  expect(repairNotes([passing, repaired], [row])).toEqual([
    'directBestOfN:2 repaired a program in 1 of 2 questions. Repairs chosen: 0, right: 0. Answers that might differ without repairs: 0. Tokens of a question without repairs: 2.',
  ]);
  expect(repairNotes([passing, repaired, mended], [row])[0]).toMatch(
    /in 2 of 3 questions\. Repairs chosen: 1, right: 1\. Answers that might differ without repairs: 1\./,
  );
});

it('counts answers to which a repair may have added the vote that decided', () => {
  const decided = rawTrace(
    'd',
    [program('a'), program('b', { isSelected: true }), program('c'), program('b')],
    of,
  );
  const others = rawTrace(
    'e',
    [program('a'), program('a', { isSelected: true }), program('b'), program('b')],
    of,
  );
  const three = { ...row, request: { ...row.request, candidateCount: 3 } };
  const notes = (trace: typeof decided) => repairNotes([trace], [three])[0];
  expect(notes(decided)).toContain('differ without repairs: 1.');
  expect(notes(others)).toContain('differ without repairs: 0.');
});

it('says nothing of rows without a repair', () => {
  const other = parseStrategyRow('direct');
  expect(repairNotes([passing, rawTrace('a', [program('right')], { row: 'direct' })], [row, other])).toEqual(
    [],
  );
});
