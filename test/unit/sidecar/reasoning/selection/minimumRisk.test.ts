import { describe, expect, test } from 'vitest';
import { minimumRisk } from '../../../../../sidecar/reasoning/selection/minimumRisk.ts';
import { ballotsOf } from '../../../../support/trace/ballots.ts';

describe('minimumRisk', () => {
  test('takes the text that has most in common with the others, without any answer', () => {
    const ballots = ballotsOf([
      { text: 'The loop never ends.' },
      { text: 'The loop never ends, since i stays 0.' },
      { text: 'i stays 0.' },
    ]);
    // Of 5, 10 and 4 tokens: 5 shared by 0 and 1 (the full stop among them), 1 by 0 and 2, 4 by 1 and 2.
    const [first, second, third] = [(10 / 15 + 2 / 9) / 2, (10 / 15 + 8 / 14) / 2, (2 / 9 + 8 / 14) / 2];
    const selection = minimumRisk.decide(ballots);
    expect(selection?.candidateId).toBe(1);
    expect(selection?.tallies.map(({ candidateIds }) => candidateIds)).toEqual([[1], [0], [2]]);
    for (const [place, weight] of [second, first, third].entries())
      expect(selection?.tallies[place]?.weight).toBeCloseTo(weight, 12);
  });

  test('counts a word as often as both have it, in any case and order', () => {
    const ballots = ballotsOf([{ text: 'no no NO' }, { text: 'No' }]);
    expect(minimumRisk.decide(ballots)?.tallies[0]?.weight).toBe(0.5);
  });

  test('stands for itself where it is alone, and names a long text by its beginning', () => {
    const [tally] = minimumRisk.decide(ballotsOf([{ text: `so\n\n${'word '.repeat(40)}` }]))?.tallies ?? [];
    expect(tally?.weight).toBe(1);
    expect(tally?.answer).toMatch(/^so word .*…$/u);
    expect(tally?.answer.length).toBeLessThanOrEqual(60);
  });

  test('gives a tie to the shorter, and finds nothing without ballots', () => {
    const same = { text: 'It is so.' };
    expect(
      minimumRisk.decide(
        ballotsOf([
          { ...same, length: 5 },
          { ...same, length: 4 },
        ]),
      )?.candidateId,
    ).toBe(1);
    expect(minimumRisk.decide([])).toBeNull();
  });
});
