import { expect, it } from 'vitest';
import { parseStrategyRow } from '../../../../../lab/bench/reasoning/strategyRow.ts';
import { uncappedRows } from '../../../../../lab/bench/reasoning/uncappedRows.ts';
import {
  type ClassProfiles,
  defaultProfiles,
} from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';

const { easy, normal, hard } = defaultProfiles;
const votesOnHard: ClassProfiles = {
  easy,
  normal,
  hard: { ...hard, strategy: 'selfConsistency', candidates: 4 },
};
const atFirstStep: ClassProfiles = {
  easy: { ...easy, skipPreamble: true },
  normal: { ...normal, skipPreamble: true },
  hard: { ...hard, skipPreamble: true },
};

it.each([
  ['auto:8', defaultProfiles, ['chainOfThought']],
  ['auto:8:temperature=0.4', votesOnHard, ['selfConsistency:4:temperature=0.4']],
  ['auto:1', votesOnHard, ['chainOfThought']],
  ['auto:1', atFirstStep, ['chainOfThought', 'chainOfThought:skipPreamble=on']],
  ['auto:1:skipPreamble=off', atFirstStep, ['chainOfThought:skipPreamble=off']],
  ['auto:1', { ...atFirstStep, hard }, ['chainOfThought']],
] as const)('beside %s stands what it does without difficulty', (key, profiles, expected) => {
  expect(uncappedRows(parseStrategyRow(key), profiles).map((row) => row.key)).toEqual(expected);
});
