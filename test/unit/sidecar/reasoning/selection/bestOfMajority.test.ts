import { describe, expect, test } from 'vitest';
import { bestOfMajority } from '../../../../../sidecar/reasoning/selection/bestOfMajority.ts';
import { type BallotRow, ballotsOf } from '../../../../support/trace/ballots.ts';

const row = (answer: string, leastGroupConfidence: number): BallotRow => ({ answer, leastGroupConfidence });

describe('bestOfMajority', () => {
  test('ranks the answers that two gave by how sure they were, and takes the text of the surest', () => {
    const ballots = ballotsOf([row('a', 2), row('a', 3), row('a', 1), row('b', 4), row('b', 5), row('c', 9)]);
    expect(bestOfMajority.decide(ballots)).toEqual({
      candidateId: 4,
      tallies: [
        { answer: 'b', candidateIds: [3, 4], weight: 4.5 },
        { answer: 'a', candidateIds: [0, 1, 2], weight: 2 },
      ],
    });
  });

  test('asks for more votes where there are many ballots', () => {
    // Of 14 ballots ⌈2.1⌉ = 3 are needed, so that two sure ones count for nothing.
    const many = [...Array.from({ length: 12 }, () => row('a', 1)), row('b', 9), row('b', 9)];
    expect(bestOfMajority.decide(ballotsOf(many))?.tallies.map(({ answer }) => answer)).toEqual(['a']);
    expect(bestOfMajority.decide(ballotsOf(many.slice(1)))?.tallies[0]?.answer).toBe('b');
  });

  test('is the plain majority where no answer has two votes', () => {
    const ballots = ballotsOf([
      { answer: 'a', length: 30 },
      { answer: 'b', length: 20 },
      { answer: null, length: 1 },
    ]);
    expect(bestOfMajority.decide(ballots)?.candidateId).toBe(1);
  });
});
