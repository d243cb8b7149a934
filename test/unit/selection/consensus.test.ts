import { describe, expect, it } from 'vitest';
import { consensusReason, waveSize } from '../../../sidecar/selection/consensus.ts';
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
    // Of eight, six must go five to one against two that agree: 4.8 % from an even start.
    ['likely', 'aa', 6, true],
    ['likely', 'a', 7, false],
    ['likely', 'aab', 5, false],
    // All four that are to come must go against three of four: 4.0 %.
    ['likely', 'aaab', 4, true],
    ['likely', 'abac', 4, false],
    ['likely', 'aaabb', 3, false],
    // One vote leads nothing, though one more cannot overtake it.
    ['likely', 'a', 1, false],
    // Of sixteen, two are too few.
    ['likely', 'aa', 14, false],
    ['likely', 'aaa', 13, true],
    ['likely', '', 4, false],
  ] as const)('with consensus %s, of %s with %i to come: ends %s', (consensus, answers, undecided, ends) => {
    expect(reason('majority', answers, { undecided, consensus }) !== null).toBe(ends);
  });

  it.each([
    // One of three says otherwise, which is too many; but it may hardly count.
    ['majority', [], false],
    ['confidenceWeighted', [{ leastGroupConfidence: 0.1 }], true],
    ['mostConfident', [{ leastGroupConfidence: 0.1 }], true],
    ['confidenceWeighted', [{ leastGroupConfidence: 9 }], false],
    ['entropySteadiness', [{ entropyInstability: 40 }], true],
    ['entropySteadiness', [{ entropyInstability: 0 }], false],
    ['hedgeWeighted', [{ text: 'Maybe. Perhaps. I guess.' }], true],
  ] as const)(
    'of %s is led by what votes weigh, the last of three of them %o: ends %s',
    (id, [last], ends) => {
      const ballots = ballotsOf([...lettersOf('aa'), { answer: 'b', ...last }]);
      const rest = { undecided: 5, consensus: 'likely' } as const;
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

describe('the next wave', () => {
  const size = (answers: string, waiting: number, consensus: 'off' | 'certain' | 'likely' = 'likely') =>
    waveSize(createSelector('majority'), ballotsOf(lettersOf(answers)), { waiting, consensus });

  it.each([
    ['', 8, 2],
    ['ab', 6, 2],
    ['abac', 4, 2],
    ['ababcc', 2, 1],
    ['', 16, 3],
    ['', 2, 2],
    ['', 1, 1],
  ] as const)(
    'behind "%s", with %i that wait, has %i, which could make a likely lead',
    (answers, waiting, wave) => {
      expect(size(answers, waiting)).toBe(wave);
    },
  );

  it.each(['off', 'certain'] as const)('has all that wait, with consensus %s', (consensus) => {
    expect(size('', 8, consensus)).toBe(8);
  });
});
