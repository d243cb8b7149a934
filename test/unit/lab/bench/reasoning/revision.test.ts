import { expect, it } from 'vitest';
import { revisionsOf } from '../../../../../lab/bench/reasoning/revision.ts';
import { type AutoTable, defaultProfiles } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';

const { easy, normal, hard } = defaultProfiles;
const otherTable: AutoTable = {
  version: 1,
  default: { easy: { ...easy, tokenShare: 0.1 }, normal, hard },
  models: {},
};

async function revisions(
  tables: readonly AutoTable[] = [],
  hasPrograms = false,
): Promise<(row: string) => string> {
  const estimator = entropyRule(uncalibratedThresholds);
  return revisionsOf(
    { model: await scriptedModel(() => ''), estimator, tables, codeParser: null },
    { probeFolders: [], hasPrograms },
  );
}

it('rows whose answers hang on the same words have one revision, run after run', async () => {
  const [first, second] = [await revisions(), await revisions()];
  expect(first('chainOfThought')).toBe(second('chainOfThought:cap=96'));
  expect(first('selfConsistency:8')).toBe(first('chainOfThought'));
});

it('what begins at its first step, ends at a likely lead, is judged, is repaired or follows a table has another', async () => {
  const revisionOf = await revisions();
  const rows = [
    'chainOfThought',
    'chainOfThought:skipPreamble=on',
    'selfConsistency:8:consensus=likely',
    'selfConsistency:8:consensus=likely:skipPreamble=on',
    'selfConsistency:8:selector=checklistJudge',
    'selfConsistency:8:selector=contextCheck',
    'refineFirstError:8',
    'directBestOfN:8',
    'auto:1',
  ];
  expect(new Set(rows.map(revisionOf)).size).toBe(rows.length);
});

it('another table makes answers of adaptive rows outdated, and no others', async () => {
  const [before, after] = [await revisions(), await revisions([otherTable])];
  expect(after('auto:1')).not.toBe(before('auto:1'));
  expect(after('chainOfThought')).toBe(before('chainOfThought'));
});

it('programs have revisions of their own', async () => {
  const [questions, programs] = [await revisions(), await revisions([], true)];
  expect(programs('direct')).not.toBe(questions('direct'));
});
