import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { countRules, readRuleCounts, ruleTable } from '../../../../lab/bench/ruleCounts.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const lines = [
  { id: 1, question: 'What is a monad?' },
  { id: 2, question: 'How many legs do three cats have?' },
  { id: 3, prompt: 'Write a Python function that doubles a number.' },
];
const jsonLines = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;

test('counts what each rule on words catches, beside the hash of the very file', () => {
  expect(countRules('set.jsonl', jsonLines)).toEqual({
    name: 'set.jsonl',
    sha256: createHash('sha256').update(jsonLines).digest('hex'),
    questions: 3,
    nothingToCompute: 1,
    asksForCode: 1,
  });
  expect(countRules('list.json', '["What is a monad?", "What is 2 + 2?"]')).toMatchObject({
    questions: 2,
    nothingToCompute: 1,
    asksForCode: 0,
  });
});

test('leaves out files without questions, and reads a folder in the order of its names', async () => {
  await using folder = await temporaryFolder();
  await writeFile(path.join(folder.path, 'b.jsonl'), jsonLines);
  await writeFile(path.join(folder.path, 'a.jsonl'), jsonLines);
  await writeFile(path.join(folder.path, 'gaps.jsonl'), '{"prefix": "x", "suffix": "y"}\n');
  await writeFile(path.join(folder.path, 'README.md'), 'What is a monad?');
  const counts = await readRuleCounts([folder.path]);
  expect(counts.map(({ name }) => name)).toEqual(['a.jsonl', 'b.jsonl']);
  expect(ruleTable(counts).at(-1)).toMatch(/^\| `b\.jsonl` \| `[0-9a-f]{12}` \| 3 \| 1 \| 1 \|$/u);
});

test('gives of the everyday questions what docs/DIFFICULTY.md says', async () => {
  const counts = await readRuleCounts([path.resolve('test/fixtures/everydayQuestions.json')]);
  const row = ruleTable(counts).at(-1) ?? '';
  expect(await readFile(path.resolve('docs/DIFFICULTY.md'), 'utf8')).toContain(`\n${row}\n`);
});
