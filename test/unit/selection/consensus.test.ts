import { describe, expect, it } from 'vitest';
import { consensusReason } from '../../../sidecar/selection/consensus.ts';
import { createSelector } from '../../../sidecar/selection/createSelector.ts';
import { ballotsOf, lettersOf } from '../../support/ballots.ts';

const reason = (
  selector: 'majority' | 'bestOfMajority',
  answers: string,
  rest: Parameters<typeof consensusReason>[2],
) => consensusReason(createSelector(selector), ballotsOf(lettersOf(answers)), rest);

describe('a vote', () => {
  it.each([
    ['off', 'aaaa', 0, false],
    ['certain', 'aa', 1, true],
    ['certain', 'aa', 2, false],
    ['certain', 'aaaa', 5, false],
    // Half of the candidates have answered, and all the same.
    ['likely', 'aaaa', 4, true],
    ['likely', 'aaab', 4, false],
    ['likely', 'aaa', 5, false],
    // Two votes are too few for a share.
    ['likely', 'aa', 2, false],
    ['likely', 'aaa', 2, true],
    ['likely', '', 4, false],
  ] as const)('with consensus %s, of %s with %i to come: ends %s', (consensus, answers, undecided, ends) => {
    expect(reason('majority', answers, { undecided, consensus }) !== null).toBe(ends);
  });

  it('that weighs its voters is never certain before its end, though it may be likely', () => {
    const rest = { undecided: 1 } as const;
    expect(reason('bestOfMajority', 'aaaa', { ...rest, consensus: 'certain' })).toBeNull();
    expect(reason('bestOfMajority', 'aaaa', { ...rest, consensus: 'likely' })).not.toBeNull();
  });
});
