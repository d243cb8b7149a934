import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { writeAutoTable } from '../../../../bench/reasoning/autoTableFile.ts';
import { parseStrategyRow } from '../../../../bench/reasoning/strategyRow.ts';
import { parseTable } from '../../../../sidecar/difficulty/autoTable.ts';
import { rawCandidate, rawTrace } from '../../../support/rawTraces.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

const model = { name: 'tiny', hash: 'abc', hashKind: 'sha256' } as const;
const subject = { model, setName: 'sums', against: parseStrategyRow('chainOfThought') };
const traces = Array.from({ length: 40 }, (_, index) => {
  const id = `q${index}`;
  const difficulty = {
    class: 'easy',
    source: 'probe',
    strategy: 'chainOfThought',
    meanEntropyNats: null,
  } as const;
  return [
    rawTrace(id, [rawCandidate('right', 300)]),
    rawTrace(id, [rawCandidate('right', 128)], { row: 'chainOfThought:cap=128' }),
    rawTrace(id, [rawCandidate('right', 90)], { row: 'auto:1', difficulty }),
    // What other rows note is not what a class is decided by.
    rawTrace(id, [rawCandidate('right', 40)], {
      row: 'direct',
      difficulty: { ...difficulty, class: 'hard', strategy: 'direct' },
    }),
  ];
}).flat();

it('a table says what pays for the model, and keeps what it says of others', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'deep', 'table.json');
  await writeAutoTable(file, subject, traces);
  const other = { ...subject, model: { ...model, hash: 'def' } };
  const [sentence] = await writeAutoTable(file, other, traces);
  expect(sentence).toContain('easy: chainOfThought:cap=128; normal: nothing was shown to pay');
  const text = await readFile(file, 'utf8');
  const { models } = parseTable(JSON.parse(text), 'table');
  expect(Object.keys(models)).toEqual(['abc', 'def']);
  // 128 of the 512 tokens that are the default; an answer without a thought is nothing that a class can lead to.
  expect(models['abc']?.easy).toEqual({
    reasoning: 'chainOfThought',
    temperature: 0,
    tokenShare: 0.25,
    candidates: 1,
  });
  expect(models['abc']?.normal).toMatchObject({ tokenShare: 1 });
  expect(text).toContain('"questions": 40');
});

it('a file that is no table is left as it is', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'notes.json');
  await writeFile(file, '{"mine": 1}');
  await expect(writeAutoTable(file, subject, traces)).rejects.toMatchObject({ code: 'parameter.invalid' });
  expect(await readFile(file, 'utf8')).toBe('{"mine": 1}');
});
