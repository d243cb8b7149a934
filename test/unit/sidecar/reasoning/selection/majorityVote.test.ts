import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSelector } from '../../../../../sidecar/reasoning/selection/createSelector.ts';
import { majorityVote } from '../../../../../sidecar/reasoning/selection/majorityVote.ts';
import type { Ballot } from '../../../../../sidecar/reasoning/selection/selector.ts';
import { anyBallots, ballotsOf, lettersOf, selectFrom } from '../../../../support/trace/ballots.ts';

const ballots = (answers: string, lengths: readonly number[] = []): readonly Ballot[] =>
  ballotsOf(lettersOf(answers).map((row, index) => ({ ...row, length: lengths[index] ?? 10 })));

const answerOf = (given: readonly Ballot[]): string | null => {
  const selection = majorityVote.decide(given);
  return given.find(({ candidateId }) => candidateId === selection?.candidateId)?.answer ?? null;
};

describe('majorityVote', () => {
  test('takes the most frequent answer and the text of the earliest candidate that gave it', () => {
    expect(majorityVote.decide(ballots('abbab'))).toEqual({
      candidateId: 1,
      tallies: [
        { answer: 'b', candidateIds: [1, 2, 4], weight: 3 },
        { answer: 'a', candidateIds: [0, 3], weight: 2 },
      ],
    });
  });

  test('breaks a tie by the shorter median length, not by the mean', () => {
    expect(answerOf(ballots('aaabbb', [1, 50, 60, 30, 40, 500]))).toBe('b');
  });

  test('takes the mean of the two middle lengths where their number is even', () => {
    expect(answerOf(ballots('aabb', [10, 30, 18, 20]))).toBe('b');
  });

  test('takes the surest by the mean of its tokens where no two agree, whatever the lengths', () => {
    const [a, b, c] = [4, 5, 3];
    const given = ballots('abc', [10, 500, 20]).map((ballot, index) => {
      const meanConfidence = [a, b, c][index] ?? 0;
      return { ...ballot, statistics: { ...ballot.statistics, meanConfidence } };
    });
    expect(answerOf(given)).toBe('b');
    expect(majorityVote.decide(given)?.tallies.map(({ answer, weight }) => [answer, weight])).toEqual([
      ['b', 1],
      ['a', 1],
      ['c', 1],
    ]);
  });

  test('takes the shortest of those equally sure', () => {
    expect(answerOf(ballots('abc', [30, 10, 20]))).toBe('b');
  });

  test('does not ask how sure they were where two agree', () => {
    const given = ballots('aabb', [10, 10, 20, 20]).map((ballot, index) => {
      return { ...ballot, statistics: { ...ballot.statistics, meanConfidence: index } };
    });
    expect(answerOf(given)).toBe('a');
  });

  test('breaks what is still tied by the earliest candidate', () => {
    expect(answerOf(ballots('baba'))).toBe('b');
  });

  test('counts no ballot without an answer', () => {
    expect(answerOf(ballotsOf([{ answer: null }, { answer: null }, { answer: 'a' }]))).toBe('a');
    expect(majorityVote.decide(ballotsOf([{ answer: null }]))).toBeNull();
  });

  test('has nothing to select without ballots', () => {
    expect(majorityVote.decide([])).toBeNull();
  });

  test('a settled selection stands whatever the rest votes', () => {
    fc.assert(
      fc.property(anyBallots, anyBallots, (cast, rest) => {
        fc.pre(majorityVote.isDecided?.(cast, rest.length) === true);
        const late = rest.map((ballot, index) => ({ ...ballot, candidateId: cast.length + index }));
        expect(answerOf([...cast, ...late])).toBe(answerOf(cast));
      }),
    );
  });

  test.each([
    { answers: '', undecided: 1, isSettled: false },
    { answers: 'a', undecided: 0, isSettled: true },
    { answers: 'a', undecided: 1, isSettled: false },
    { answers: 'aa', undecided: 1, isSettled: true },
    { answers: 'aa', undecided: 2, isSettled: false },
    { answers: 'aaab', undecided: 1, isSettled: true },
    { answers: 'aaab', undecided: 2, isSettled: false },
    { answers: 'abc', undecided: 0, isSettled: false },
  ])('$answers with $undecided undecided is settled: $isSettled', ({ answers, undecided, isSettled }) => {
    expect(majorityVote.isDecided?.(ballots(answers), undecided)).toBe(isSettled);
  });
});

describe('the vote in the log', () => {
  const decisions = async (answers: string): Promise<readonly string[]> => {
    const { events } = await selectFrom(createSelector('majority'), ballots(answers, [30, 20, 10]));
    return events.flatMap((event) => (event.type === 'decision/made' ? [`${event.kind}: ${event.why}`] : []));
  };

  test('says when no two answers agree, and what was taken then', async () => {
    expect(await decisions('abc')).toEqual([
      'noAgreement: No two of the 3 answers agree, so the one of whose tokens the model was surest on average was taken.',
    ]);
  });

  test('says no such thing of two that agree, and of one alone', async () => {
    expect(await decisions('aab')).toEqual([]);
    expect(await decisions('a')).toEqual([]);
  });
});
