import { describe, expect, test } from 'vitest';
import { confidenceVote } from '../../../../../sidecar/reasoning/selection/confidenceVote.ts';
import { createSelector } from '../../../../../sidecar/reasoning/selection/createSelector.ts';
import { hedgesPerHundredWords, hedgeVote } from '../../../../../sidecar/reasoning/selection/hedgeVote.ts';
import { mostConfidentVote } from '../../../../../sidecar/reasoning/selection/mostConfidentVote.ts';
import type { SelectionRule } from '../../../../../sidecar/reasoning/selection/ruleSelector.ts';
import { steadinessVote } from '../../../../../sidecar/reasoning/selection/steadinessVote.ts';
import { type BallotRow, ballotsOf, selectFrom } from '../../../../support/trace/ballots.ts';

const sure = (answer: string, leastGroupConfidence: number): BallotRow => ({ answer, leastGroupConfidence });

const tallies = (rule: SelectionRule, rows: readonly BallotRow[]) =>
  rule.decide(ballotsOf(rows))?.tallies.map(({ answer, weight }) => [answer, weight]);

describe('confidenceVote', () => {
  test('lets fewer but surer votes win, and takes the text of the surest of them', () => {
    const rows = [sure('a', 1), sure('a', 1.5), sure('a', 1.25), sure('b', 3), sure('b', 4)];
    expect(confidenceVote.decide(ballotsOf(rows))).toEqual({
      candidateId: 4,
      tallies: [
        { answer: 'b', candidateIds: [3, 4], weight: 7 },
        { answer: 'a', candidateIds: [0, 1, 2], weight: 3.75 },
      ],
    });
  });

  test('takes the vote from the least sure tenth, and from nobody where they are fewer than ten', () => {
    const ten = [...Array.from({ length: 9 }, () => sure('a', 2)), sure('b', 1)];
    expect(tallies(confidenceVote, ten)).toEqual([['a', 18]]);
    expect(tallies(confidenceVote, ten.slice(1))).toEqual([
      ['a', 16],
      ['b', 1],
    ]);
  });

  test('gives a tie to the shorter', () => {
    const rows = [
      { ...sure('a', 2), length: 30 },
      { ...sure('b', 2), length: 20 },
    ];
    expect(confidenceVote.decide(ballotsOf(rows))?.candidateId).toBe(1);
  });
});

describe('mostConfidentVote', () => {
  test('is the surest candidate alone among ten, and a vote of two among eleven', () => {
    const rows = [...Array.from({ length: 9 }, () => sure('a', 2)), sure('b', 9)];
    expect(tallies(mostConfidentVote, rows)).toEqual([['b', 9]]);
    expect(tallies(mostConfidentVote, [...rows, sure('c', 5)])).toEqual([
      ['b', 9],
      ['c', 5],
    ]);
  });
});

describe('whether any two agree', () => {
  const notes = async (id: 'mostConfident' | 'confidenceWeighted', rows: readonly BallotRow[]) => {
    const { events } = await selectFrom(createSelector(id), ballotsOf(rows));
    return events.flatMap((event) => (event.type === 'decision/made' ? [event.why] : []));
  };
  const apart = (count: number): readonly BallotRow[] =>
    Array.from({ length: count }, (_, index) => sure(`${index}`, 9 - index / 10));

  test('is told of all that voted, not of those whose votes are left', async () => {
    // Two are left, and differ; the nine that agree are less sure.
    const agreed = Array.from({ length: 9 }, () => sure('a', 1));
    expect(await notes('mostConfident', [...apart(2), ...agreed])).toEqual([]);
    // Of two that agree the less sure has no vote.
    expect(await notes('confidenceWeighted', [...apart(9), sure('0', 1)])).toEqual([]);
  });

  test('is said to be false where all answers differ, and one alone is left', async () => {
    expect(await notes('mostConfident', apart(4))).toEqual([
      'No two of the 4 answers agree, so the surest was taken.',
    ]);
    expect(await notes('confidenceWeighted', apart(10))).toEqual([
      'No two of the 10 answers agree, so the surest was taken.',
    ]);
  });

  test('is not asked of one vote', async () => {
    expect(await notes('mostConfident', apart(1))).toEqual([]);
  });
});

describe('steadinessVote', () => {
  test('weighs a steady trace more than several restless ones', () => {
    const restless = (answer: string, entropyInstability: number): BallotRow => ({
      answer,
      entropyInstability,
    });
    const rows = [restless('a', 0.9), restless('a', 0.9), restless('b', 0), restless('b', 1.9)];
    expect(tallies(steadinessVote, rows)).toEqual([
      ['b', 10.5],
      ['a', 2],
    ]);
    expect(steadinessVote.decide(ballotsOf(rows))?.candidateId).toBe(2);
  });
});

describe('hedgesPerHundredWords', () => {
  test.each([
    ['', 0],
    ['12', 0],
    ['Each cat has four legs.', 0],
    ['Perhaps it is 12.', 25],
    ['Maybe maybe.', 100],
    ['I think it might be so.', (100 * 2) / 6],
    ['I’m not sure of it, wait.', (100 * 2) / 6],
    ['It is about 12, approximately.', 0],
    ['The mighty maybeline awaits.', 0],
  ])('%j has %d', (text, expected) => {
    expect(hedgesPerHundredWords(text)).toBeCloseTo(expected, 9);
  });
});

test('hedgeVote lets a plain statement outweigh two hedged ones', () => {
  const rows = [
    { answer: 'a', text: 'Perhaps it is 12.' },
    { answer: 'a', text: 'Maybe it is 12.' },
    { answer: 'b', text: 'It is 9.' },
  ];
  expect(tallies(hedgeVote, rows)).toEqual([
    ['b', 1],
    ['a', 2 / 26],
  ]);
});
