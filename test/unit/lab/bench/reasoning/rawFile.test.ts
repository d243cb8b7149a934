import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { RawFile } from '../../../../../lab/bench/reasoning/rawFile.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';
import { rawCandidate, rawTrace } from '../../../../support/trace/rawTraces.ts';

const trace = rawTrace('a', [rawCandidate('right', 3)]);

it('what was answered is there again after the end, in folders that it makes', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'deep', 'raw.jsonl');
  const raw = await RawFile.open(file);
  await raw.add(trace);
  expect(raw.traces).toEqual([trace]);
  expect((await RawFile.open(file)).traces).toEqual([trace]);
});

it('a line that was cut off is not there, and does not harm the next', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'raw.jsonl');
  await (await RawFile.open(file)).add(trace);
  await appendFile(file, JSON.stringify(trace).slice(0, 40));
  const raw = await RawFile.open(file);
  expect(raw.traces).toEqual([trace]);
  await raw.add({ ...trace, questionId: 'b' });
  expect((await RawFile.open(file)).traces.map(({ questionId }) => questionId)).toEqual(['a', 'b']);
});

it('lines of a row that there is no more are left where they are and not used', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'raw.jsonl');
  await writeFile(file, `${JSON.stringify({ ...trace, row: 'chainOfThought:selector=oldestFirst' })}\n`);
  expect((await RawFile.open(file)).traces).toEqual([]);
});

it('lines of another version are left where they are and not used', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'raw.jsonl');
  const old = `${JSON.stringify({ ...trace, version: 0 })}\n`;
  await writeFile(file, old);
  expect((await RawFile.open(file)).traces).toEqual([]);
  expect(await readFile(file, 'utf8')).toBe(old);
});
