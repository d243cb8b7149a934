import { describe, expect, it } from 'vitest';
import type { SelectorId } from '../../../../../protocol/traceEvent.ts';
import { consensusReason, waveSize } from '../../../../../sidecar/reasoning/selection/consensus.ts';
import { createSelector } from '../../../../../sidecar/reasoning/selection/createSelector.ts';
import { ballotsOf, lettersOf } from '../../../../support/trace/ballots.ts';

const reason = (selector: SelectorId, answers: string, rest: Parameters<typeof consensusReason>[2]) =>
  consensusReason(createSelector(selector), ballotsOf(lettersOf(answers)), rest);

describe('a vote', () => {
  it.each([
    ['off', 'aaaa', 0, false],
    ['certain', 'aa', 1, true],
    ['certain', 'aa', 2, false],
    ['certain', 'aaaa', 5, false],
    // Of eight, two that agree are overtaken in 4.8 % and come to a tie in 7.1 %, half of which are lost: 8.3 %.
    ['likely', 'aa', 6, true],
    ['likely', 'a', 7, false],
    ['likely', 'aab', 5, false],
    // 4.0 % and half of 12.7 %.
    ['likely', 'aaab', 4, false],
    ['likely', 'aaaab', 3, true],
    ['likely', 'abac', 4, false],
    ['likely', 'aaabb', 3, false],
    // One more cannot overtake it, but makes a tie in 40 %.
    ['likely', 'aab', 1, false],
    ['likely', 'aaaabbb', 1, false],
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
    expect(reason('confidenceWeighted', 'aaaa', { ...rest, consensus: 'certain' })).toBeNull();
    expect(reason('confidenceWeighted', 'aaaa', { ...rest, consensus: 'likely' })).toBe(
      'will hardly overturn the lead of 4 of 4',
    );
  });

  it.each([
    'bestOfMajority',
    'mostConfident',
    'minimumRisk',
    'checklistJudge',
    'contextCheck',
    'verifiedCode',
  ] as const)('is nothing that %s goes by', (selector) => {
    for (const consensus of ['certain', 'likely'] as const)
      expect(reason(selector, 'aaaaaaa', { undecided: 1, consensus })).toBeNull();
  });
});

describe('the next wave', () => {
  const size = (answers: string, waiting: number, consensus: 'off' | 'certain' | 'likely' = 'likely') =>
    waveSize(createSelector('majority'), ballotsOf(lettersOf(answers)), {
      ended: answers.length,
      waiting,
      consensus,
    });

  it.each([
    ['', 8, 2],
    ['ab', 6, 3],
    ['abac', 4, 2],
    ['aabb', 12, 3],
    ['', 16, 3],
    ['', 3, 2],
    // As no lead of two comes of one.
    ['', 2, 2],
  ] as const)(
    'behind "%s", with %i that wait, has %i, which could make a likely lead',
    (answers, waiting, wave) => {
      expect(size(answers, waiting)).toBe(wave);
    },
  );

  it('has all that wait, where none of those before gave an answer', () => {
    const silent = ballotsOf([{ answer: null }, { answer: null }]);
    const rest = { ended: 2, waiting: 6, consensus: 'likely' } as const;
    expect(waveSize(createSelector('majority'), silent, rest)).toBe(6);
    // Those that were cut off have no ballot at all.
    expect(waveSize(createSelector('majority'), [], rest)).toBe(6);
  });

  it('has all that wait, where something else than votes decides', () => {
    const rest = { ended: 0, waiting: 8, consensus: 'likely' } as const;
    expect(waveSize(createSelector('verifiedCode'), [], rest)).toBe(8);
  });

  it.each(['off', 'certain'] as const)('has all that wait, with consensus %s', (consensus) => {
    expect(size('', 8, consensus)).toBe(8);
  });
});
