import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLeadSafe, majorityVote } from '../../../sidecar/selection/majorityVote.ts';
import type { Ballot } from '../../../sidecar/selection/selector.ts';

/** One ballot a letter, by candidates 0, 1, 2 …; lengths where they matter. */
function ballots(answers: string, lengths: readonly number[] = []): readonly Ballot[] {
  return Array.from(answers).map((answer, candidateId) => ({
    candidateId,
    answer,
    length: lengths[candidateId] ?? 10,
  }));
}

describe('majorityVote', () => {
  test('takes the most frequent answer and the text of the earliest candidate that gave it', () => {
    expect(majorityVote.select(ballots('abbab'))).toEqual({
      answer: 'b',
      candidateId: 1,
      tallies: [
        { answer: 'b', candidateIds: [1, 2, 4], weight: 3 },
        { answer: 'a', candidateIds: [0, 3], weight: 2 },
      ],
    });
  });

  test('breaks a tie by the shorter median length, not by the mean', () => {
    const tied = ballots('aaabbb', [1, 50, 60, 30, 40, 500]);
    expect(majorityVote.select(tied)?.answer).toBe('b');
  });

  test('takes the mean of the two middle lengths where their number is even', () => {
    expect(majorityVote.select(ballots('aabb', [10, 30, 18, 20]))?.answer).toBe('b');
  });

  test('breaks what is still tied by the earliest candidate', () => {
    expect(majorityVote.select(ballots('bab a'.replace(' ', '')))?.answer).toBe('b');
  });

  test('has nothing to select without ballots', () => {
    expect(majorityVote.select([])).toBeNull();
  });

  const anyBallots = fc
    .array(fc.record({ answer: fc.constantFrom('1', '2', '3'), length: fc.nat(40) }), { maxLength: 9 })
    .map((rows) => rows.map((row, candidateId): Ballot => ({ ...row, candidateId })));

  test('the order of arrival changes nothing', () => {
    fc.assert(
      fc.property(
        anyBallots.chain((rows) =>
          fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
        ),
        ([rows, shuffled]) => {
          expect(majorityVote.select(shuffled)).toEqual(majorityVote.select(rows));
        },
      ),
    );
  });

  test('a safe lead wins whatever the rest votes', () => {
    const rest = fc.array(fc.record({ answer: fc.constantFrom('1', '2', '3', '4'), length: fc.nat(40) }), {
      maxLength: 5,
    });
    fc.assert(
      fc.property(anyBallots, rest, (cast, late) => {
        fc.pre(isLeadSafe(cast, late.length));
        const all = [...cast, ...late.map((row, index) => ({ ...row, candidateId: cast.length + index }))];
        expect(majorityVote.select(all)?.answer).toBe(majorityVote.select(cast)?.answer);
      }),
    );
  });
});

describe('isLeadSafe', () => {
  test.each([
    { answers: '', undecided: 1, isSafe: false },
    { answers: 'a', undecided: 0, isSafe: true },
    { answers: 'a', undecided: 1, isSafe: false },
    { answers: 'aa', undecided: 1, isSafe: true },
    { answers: 'aa', undecided: 2, isSafe: false },
    { answers: 'aaab', undecided: 1, isSafe: true },
    { answers: 'aaab', undecided: 2, isSafe: false },
    { answers: 'abc', undecided: 0, isSafe: false },
  ])('$answers with $undecided undecided: $isSafe', ({ answers, undecided, isSafe }) => {
    expect(isLeadSafe(ballots(answers), undecided)).toBe(isSafe);
  });
});
