import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashQuestions, parseQuestions } from '../../../../lab/calibrate/questionFile.ts';
import { CodedError } from '../../../../protocol/codedError.ts';

const row = (members: object): string =>
  JSON.stringify({ id: 'a', question: 'Why?', answer: '12', ...members });

describe('questions', () => {
  test('have answers in the form that answers are compared in, and hashes of what they ask', () => {
    const [first, second] = parseQuestions(
      [row({}), '', row({ id: 2, question: 'How?', answer: '$1,200.00', level: 3 })].join('\r\n'),
      'q.jsonl',
    );
    expect(first).toMatchObject({ id: 'a', question: 'Why?', answer: '12' });
    expect(second).toMatchObject({ id: 2, answer: '1200' });
    expect(second?.hash).not.toBe(first?.hash);
    expect(parseQuestions(row({ id: 'c', answer: 12 }), 'q.jsonl')[0]?.hash).toBe(first?.hash);
  });

  test('that come again under another id count once, so that none is on both sides of a split', () => {
    const text = [row({}), row({ id: 'b', question: 'How?' }), row({ id: 'c', question: ' Why? ' })].join(
      '\n',
    );
    expect(parseQuestions(text, 'q.jsonl').map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test.each([
    ['a line cut off', `${row({})}\n{"id": "b", "ques`, 'line 2 is not JSON'],
    ['a line that is no object', '[1]', 'line 1 is wrong'],
    ['no id', '{"question":"Why?","answer":"1"}', 'line 1 has no id'],
    ['no question', row({ question: '  ' }), 'line 1 has no question'],
    ['no answer', `\n\n${row({ answer: undefined })}`, 'line 3 has no answer'],
    ['an empty answer', row({ answer: ' ' }), 'line 1 has no answer'],
    ['an answer that is an essay', row({ answer: 'word '.repeat(100) }), 'cannot be compared'],
    ['an answer of another kind', row({ answer: ['12'] }), 'answer must be a string'],
    ['an id twice', `${row({})}\n${row({})}`, 'line 2 has the id of line 1'],
    [
      'two answers',
      `${row({})}\n${row({ id: 'b', answer: 13 })}`,
      'line 2 asks what line 1 asks, with another',
    ],
    ['nothing', '\n \n', 'has no questions'],
    ['nothing at all', '', 'has no questions'],
    ['many faults', Array.from({ length: 9 }, () => '{').join('\n'), 'line 5 is not JSON; and 4 more'],
  ])('with %s are refused by line', (_, text, named) => {
    expect(() => parseQuestions(text, 'q.jsonl')).toThrow(
      expect.objectContaining({
        code: 'questions.invalid',
        message: expect.stringContaining(named) as string,
      }),
    );
  });

  test('that are anything at all are read or refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `${row({})}\n${json}`),
        ),
        (text) => {
          try {
            expect(parseQuestions(text, 'q.jsonl').length).toBeGreaterThan(0);
          } catch (thrown) {
            if (!(thrown instanceof CodedError)) throw thrown;
            expect(thrown.code).toBe('questions.invalid');
          }
        },
      ),
    );
  });
});

test('a set of questions is named by what is in it and in which order', () => {
  const names = [['a', 'b'], ['b', 'a'], ['a']].map((hashes) =>
    hashQuestions(hashes.map((hash) => ({ hash }))),
  );
  expect(new Set(names).size).toBe(3);
  expect(names[0]).toMatch(/^[0-9a-f]{64}$/);
});
