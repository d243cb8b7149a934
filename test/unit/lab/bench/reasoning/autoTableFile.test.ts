import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readTableFile, writeAutoTable } from '../../../../../lab/bench/reasoning/autoTableFile.ts';
import { parseStrategyRow } from '../../../../../lab/bench/reasoning/strategyRow.ts';
import { optionsOf } from '../../../../../protocol/reasoningOptions.ts';
import { overrideProfiles, parseTable } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import { defaultSettings } from '../../../../../sidecar/validation/sidecarSettings.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';
import { rawCandidate, rawTrace } from '../../../../support/trace/rawTraces.ts';

const model = { name: 'tiny', hash: 'abc', hashKind: 'sha256' } as const;
const ids = Array.from({ length: 60 }, (_, index) => `q${index}`);
const subject = {
  model,
  setName: 'sums',
  against: parseStrategyRow('chainOfThought'),
  judge: 'probe',
  classOf: new Map(ids.map((id) => [id, 'easy' as const])),
} as const;
const traces = ids.flatMap((id) => [
  rawTrace(id, [rawCandidate('right', 300)]),
  rawTrace(id, [rawCandidate('right', 128)], { row: 'chainOfThought:cap=128' }),
  // No class can lead to the row that asks for classes.
  rawTrace(id, [rawCandidate('right', 90)], { row: 'auto:1' }),
  rawTrace(id, [rawCandidate('right', 140)], { row: 'direct' }),
]);

it('a table says what pays for the model, and keeps what it says of others', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'deep', 'table.json');
  await writeAutoTable(file, subject, traces);
  const other = { ...subject, model: { ...model, hash: 'def' } };
  const [sentence] = await writeAutoTable(file, other, traces);
  expect(sentence).toContain('easy: chainOfThought:cap=128; normal: chainOfThought:cap=128;');
  const text = await readFile(file, 'utf8');
  const { models } = parseTable(JSON.parse(text), 'table');
  expect(Object.keys(models)).toEqual(['abc', 'def']);
  // 128 of the 512 tokens that are the default.
  expect(models['abc']?.profiles.easy).toEqual({
    strategy: 'chainOfThought',
    temperature: 0,
    tokenShare: 0.25,
    candidates: 1,
    earlyStopping: optionsOf(defaultSettings).earlyStopping,
    skipPreamble: false,
  });
  expect(models['abc']?.judge).toBe('probe');
  expect(models['abc']?.profiles.normal).toMatchObject({ tokenShare: 0.25 });
  expect(text).toContain('"questions": 60');
});

it.each([
  ['direct', { strategy: 'direct', temperature: 0, tokenShare: 1, candidates: 1 }],
  ['chainOfThought:trial=0.95', { strategy: 'chainOfThought', earlyStopping: { trialConfidence: 0.95 } }],
  ['chainOfThought:skipPreamble=on', { strategy: 'chainOfThought', skipPreamble: true }],
  [
    'selfConsistency:8:selector=bestOfMajority:temperature=0.6',
    { strategy: 'selfConsistency', candidates: 8, selector: 'bestOfMajority', temperature: 0.6 },
  ],
  ['hedgedBestOfN:3', { strategy: 'hedgedBestOfN', candidates: 3, selector: 'majority', temperature: 0.8 }],
  ['verifyByContext:4', { strategy: 'verifyByContext', candidates: 4, selector: 'contextCheck' }],
  [
    'stepBeam:2:steps=7',
    { strategy: 'stepBeam', candidates: 2, stepSearch: { stepChildren: 2, maxSteps: 7 } },
  ],
  ['aStar:2:children=3', { strategy: 'aStar', candidates: 2, stepSearch: { stepChildren: 3, maxSteps: 10 } }],
  ['refineFirstError:4', { strategy: 'refineFirstError', candidates: 4, selector: 'majority' }],
])('a table can say %s, with all that it was measured with', async (row, profile) => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'table.json');
  const cheap = ids.map((id) => rawTrace(id, [rawCandidate('right', 20)], { row }));
  await writeAutoTable(file, subject, [...traces, ...cheap]);
  const { models } = parseTable(JSON.parse(await readFile(file, 'utf8')), 'table');
  expect(models['abc']?.profiles.easy).toMatchObject(profile);
});

it('a table keeps the stand-ins of a model and the row of the user’s word, which are measured on their own', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'table.json');
  await writeAutoTable(file, subject, traces);
  const written = JSON.parse(await readFile(file, 'utf8')) as { models: { abc: object } };
  const figures = {
    questions: 100,
    accuracyDifference: { estimate: 0, low: -0.01, high: 0.01 },
    timeRatio: { estimate: 0.5, low: 0.4, high: 0.6 },
  };
  const standIns = { def: { role: 'route', judge: 'probe', classes: { easy: figures } } };
  const { easy, hard } = overrideProfiles;
  const override = { easy: { ...easy, estimated: {} }, hard: { ...hard, estimated: {} } };
  const models = { abc: { ...written.models.abc, standIns } };
  await writeFile(file, JSON.stringify({ ...written, override, models }));
  await writeAutoTable(file, subject, traces);
  const again = JSON.parse(await readFile(file, 'utf8')) as object;
  expect(again).toMatchObject({
    override: { hard: { candidates: hard.candidates } },
    models: { abc: { standIns } },
  });
  expect(parseTable(again, 'table').models['abc']?.standIns).toHaveLength(1);
});

it('a question that nobody judged counts for no class', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'table.json');
  const [sentence] = await writeAutoTable(file, { ...subject, classOf: new Map() }, traces);
  expect(sentence).toContain('easy: nothing was shown to pay');
});

it('a file that is no table is left as it is', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'notes.json');
  await writeFile(file, '{"mine": 1}');
  await expect(writeAutoTable(file, subject, traces)).rejects.toMatchObject({ code: 'parameter.invalid' });
  expect(await readFile(file, 'utf8')).toBe('{"mine": 1}');
  await writeFile(file, '{"version": 1, "mo');
  await expect(readTableFile(file)).rejects.toMatchObject({
    code: 'parameter.invalid',
    message: expect.stringContaining(file) as string,
  });
});
