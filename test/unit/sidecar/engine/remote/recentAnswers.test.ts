import { expect, it } from 'vitest';
import { RecentAnswers } from '../../../../../sidecar/engine/remote/recentAnswers.ts';

function noting() {
  const asked: string[] = [];
  const answers = new RecentAnswers<string>({ most: 2, longest: 5 });
  const answer = (question: string) =>
    answers.answer(question, () => {
      asked.push(question);
      return Promise.resolve(question.toUpperCase());
    });
  return { asked, answers, answer };
}

it('the latest answers are kept, the one that was not used for longest going first', async () => {
  const { asked, answer } = noting();
  for (const question of ['a', 'b', 'a', 'c', 'a', 'b'])
    expect(await answer(question)).toBe(question.toUpperCase());
  expect(asked).toEqual(['a', 'b', 'c', 'b']);
});

it('neither a long question nor a failure is kept', async () => {
  const { asked, answers, answer } = noting();
  await answer('too long');
  await answer('too long');
  expect(asked).toHaveLength(2);
  await expect(answers.answer('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await answer('a')).toBe('A');
});
