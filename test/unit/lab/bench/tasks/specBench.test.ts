import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import {
  choosePrompts,
  readSpecBench,
  specBenchCategories,
  specBenchFile,
} from '../../../../../lab/bench/tasks/specBench.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const row = (id: number, category: string) => JSON.stringify({ id, category, turns: [`q${id}`, 'later'] });

it('reads the first turns, all kinds of conversation as one category', async () => {
  await using folder = await temporaryFolder();
  await writeFile(path.join(folder.path, specBenchFile), `${row(1, 'qa')}\n${row(2, 'roleplay')}\n`);
  expect(await readSpecBench(folder.path)).toEqual([
    { id: 1, category: 'qa', text: 'q1' },
    { id: 2, category: 'conversation', text: 'q2' },
  ]);
});

it.each([null, 'no JSON', '{"id": 1, "category": "qa", "turns": []}', '{"id": 1}'])(
  'says what is missing for %j',
  async (text) => {
    await using folder = await temporaryFolder();
    if (text !== null) await writeFile(path.join(folder.path, specBenchFile), text);
    await expect(readSpecBench(folder.path)).rejects.toMatchObject({ code: 'parameter.invalid' });
  },
);

it('chooses by seed, as many of each category as there are', () => {
  const prompts = Array.from({ length: 60 }, (_, id) => ({
    id,
    category: specBenchCategories[id % 5] ?? 'qa',
    text: '',
  }));
  const chosen = choosePrompts(prompts, { count: 3, seed: 1 });
  expect(chosen.map(({ category }) => category)).toEqual(
    specBenchCategories.slice(0, 5).flatMap((category) => [category, category, category]),
  );
  expect(choosePrompts(prompts, { count: 3, seed: 1 })).toEqual(chosen);
  expect(choosePrompts(prompts, { count: 3, seed: 2 })).not.toEqual(chosen);
  const others = prompts.filter(({ category }) => category === 'qa');
  expect(choosePrompts(others, { count: 3, seed: 1 })).toEqual(chosen.filter((p) => p.category === 'qa'));
  expect(choosePrompts(others, { count: 99, seed: 1 })).toHaveLength(12);
});
