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

  it.each([
    // One of four says otherwise, which is too many; but it hardly counts.
    ['majority', [], false],
    ['confidenceWeighted', [{ leastGroupConfidence: 0.1 }], true],
    ['mostConfident', [{ leastGroupConfidence: 0.1 }], true],
    ['confidenceWeighted', [{ leastGroupConfidence: 9 }], false],
    ['entropySteadiness', [{ entropyInstability: 40 }], true],
    ['entropySteadiness', [{ entropyInstability: 0 }], false],
    ['hedgeWeighted', [{ text: 'Maybe. Perhaps. I guess.' }], true],
  ] as const)(
    'of %s is led by what votes weigh, the last of four of them %o: ends %s',
    (id, [last], ends) => {
      const ballots = ballotsOf([...lettersOf('aaa'), { answer: 'b', ...last }]);
      const rest = { undecided: 4, consensus: 'likely' } as const;
      expect(consensusReason(createSelector(id), ballots, rest) !== null).toBe(ends);
    },
  );

  it('in which no vote weighs anything has no lead', () => {
    const ballots = ballotsOf(lettersOf('aaaa').map((row) => ({ ...row, leastGroupConfidence: 0 })));
    const rest = { undecided: 1, consensus: 'likely' } as const;
    expect(consensusReason(createSelector('confidenceWeighted'), ballots, rest)).toBeNull();
  });

  it('that weighs its voters is never certain before its end, though it may be likely', () => {
    const rest = { undecided: 1 } as const;
    expect(reason('bestOfMajority', 'aaaa', { ...rest, consensus: 'certain' })).toBeNull();
    expect(reason('bestOfMajority', 'aaaa', { ...rest, consensus: 'likely' })).not.toBeNull();
  });
});
