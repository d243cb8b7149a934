import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AnswersFile, type Kept } from '../../../../../lab/bench/infill/answersFile.ts';

interface Answer {
  readonly id: string;
  readonly text: string;
}

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entropane-answers-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (revision: string) =>
  AnswersFile.open<Answer>(join(folder, 'raw'), ['infill', 'a/b'], {
    revision,
    fromLine: (line) => line as Kept<Answer>,
  });
const first = { id: 'first', text: 'x' };

it('finds what was added, now and when it is opened again', async () => {
  const answers = await open('1');
  expect(answers.find(({ id }) => id === 'first')).toBeUndefined();
  await answers.add(first);
  expect(answers.find(({ id }) => id === 'first')).toEqual(first);
  expect((await open('1')).find(({ id }) => id === 'first')).toMatchObject(first);
  expect(await readdir(join(folder, 'raw'))).toEqual(['infill-a-b.jsonl']);
});

it('finds nothing that programs of another revision wrote', async () => {
  await (await open('1')).add(first);
  expect((await open('2')).find(({ id }) => id === 'first')).toBeUndefined();
});

it('leaves out a line that was cut off, and begins another after it', async () => {
  await (await open('1')).add(first);
  await appendFile(join(folder, 'raw', 'infill-a-b.jsonl'), '{"revision":"1","id":"cut');
  await (await open('1')).add({ id: 'second', text: 'y' });
  const again = await open('1');
  expect(again.find(({ id }) => id === 'first')).toMatchObject(first);
  expect(again.find(({ id }) => id === 'second')).toMatchObject({ text: 'y' });
  expect(again.find(() => true)?.id).toBe('first');
});
