import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { readQuestionSet } from '../../../../../lab/bench/reasoning/questionSet.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const line = (id: string | number, answer: string | number): string =>
  JSON.stringify({ id, question: `How many of ${id}?`, answer });

it('a test set is what calibration reads: named by its file, in its order, with answers in canonical form', async () => {
  await using folder = await temporaryFolder();
  await writeFile(
    path.join(folder.path, 'small.jsonl'),
    `${line('a', '1,200')}\n\n${line(7, '\\frac{1}{2}')}\n${line('c', 18)}\n`,
  );
  const set = await readQuestionSet(folder.path, 'small');
  expect(set.name).toBe('small');
  expect(set.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(set.questions.map(({ id, index, expected }) => [id, index, expected])).toEqual([
    ['a', 0, '1200'],
    ['7', 1, '0.5'],
    ['c', 2, '18'],
  ]);
});

it.each([
  ['broken', '{"id": 1'],
  ['unanswered', JSON.stringify({ id: 1, question: 'How many?' })],
])('a file that is %s is refused before anything is asked', async (name, text) => {
  await using folder = await temporaryFolder();
  await writeFile(path.join(folder.path, `${name}.jsonl`), text);
  await expect(readQuestionSet(folder.path, name)).rejects.toMatchObject({ code: 'questions.invalid' });
});

it('one that is missing says where it was looked for', async () => {
  await using folder = await temporaryFolder();
  await expect(readQuestionSet(folder.path, 'large')).rejects.toMatchObject({
    code: 'parameter.invalid',
    message: expect.stringContaining(folder.path) as string,
  });
});

it('a set of programs to write has tests in place of answers', async () => {
  await using folder = await temporaryFolder();
  const task = {
    prompt: 'def one():\n    """ 1 """\n',
    entryPoint: 'one',
    test: 'def check(f): assert f() == 1',
  };
  await writeFile(path.join(folder.path, 'code.jsonl'), `${JSON.stringify({ id: 'c/0', ...task })}\n`);
  const { questions } = await readQuestionSet(folder.path, 'code');
  expect(questions).toMatchObject([{ id: 'c/0', index: 0, expected: task }]);
  expect(questions[0]?.question).toContain('```python\ndef one():');
});
