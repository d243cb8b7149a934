import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { isRight, parseQuestions, readQuestionSet } from '../../../../bench/reasoning/questionSet.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

const line = (id: string, answer: string): string => JSON.stringify({ id, question: 'How many?', answer });

describe('a test set', () => {
  it('has questions with answers in canonical form, in the order of the file', () => {
    const questions = parseQuestions(`${line('a', '1,200')}\n\n${line('b', '\\frac{1}{2}')}\n`);
    expect(questions.map(({ id, index, answer }) => [id, index, answer])).toEqual([
      ['a', 0, '1200'],
      ['b', 1, '0.5'],
    ]);
  });

  it.each(['', '{}', 'no json', line('a', ' '), `${line('a', '1')}\n${line('a', '2')}`])(
    'cannot be read from %j',
    (text) => {
      expect(() => parseQuestions(text)).toThrow(
        expect.objectContaining({ code: 'batch.unreadable' }) as Error,
      );
    },
  );

  it('is named by its file, and missing it says where it was looked for', async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, 'small.jsonl'), line('a', '1'));
    const set = await readQuestionSet(folder.path, 'small');
    expect(set.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(set.questions).toHaveLength(1);
    await expect(readQuestionSet(folder.path, 'large')).rejects.toMatchObject({ code: 'parameter.invalid' });
  });
});

it.each([
  ['18', '18', true],
  ['3\\sqrt{5}', '3 \\sqrt{5}', true],
  ['11\\sqrt{2}', '11\\sqrt2', true],
  ['10080', '10, 080', true],
  ['(-1, 6)', '(-1,6)', true],
  ['19', '18', false],
  ['(1,6)', '(-1,6)', false],
  [null, '18', false],
])('%j is the answer %j: %s', (answer, expected, verdict) => {
  expect(isRight(answer, expected)).toBe(verdict);
});
