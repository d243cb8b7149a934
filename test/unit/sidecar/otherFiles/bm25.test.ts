import { expect, it } from 'vitest';
import { bm25Scores } from '../../../../sidecar/otherFiles/bm25.ts';
import { termCounts } from '../../../../sidecar/otherFiles/identifierTerms.ts';

const document = (text: string) => {
  const terms = text.split(' ');
  return { terms: termCounts(terms), length: terms.length };
};

it('is the formula, worked out by hand', () => {
  // N = 2, n = 1: idf = ln(1 + 1.5 / 1.5). tf = 2, length 4 of a mean of 3.
  const [first, second] = bm25Scores([document('open open file now'), document('close it')], ['open']);
  expect(first).toBeCloseTo((Math.log(2) * 2 * 2.2) / (2 + 1.2 * (0.25 + (0.75 * 4) / 3)), 12);
  expect(second).toBe(0);
});

it('counts a rare term for more than a common one', () => {
  const scores = bm25Scores(
    [document('common rare'), document('common usual'), document('common other')],
    ['common', 'rare'],
  );
  expect(scores[0]).toBeGreaterThan(scores[1] ?? Infinity);
});

it('counts a repeated query term once, and nothing of no documents', () => {
  const documents = [document('a b'), document('b c')];
  expect(bm25Scores(documents, ['a', 'a', 'a'])).toEqual(bm25Scores(documents, ['a']));
  expect(bm25Scores([], ['a'])).toEqual([]);
});

it('marks a longer text down for the same count', () => {
  const [short, long] = bm25Scores([document('a b'), document('a b c d e f')], ['a']);
  expect(short).toBeGreaterThan(long ?? Infinity);
});
