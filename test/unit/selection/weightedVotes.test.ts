import { describe, expect, test } from 'vitest';
import { confidenceVote } from '../../../sidecar/selection/confidenceVote.ts';
import { mostConfidentVote } from '../../../sidecar/selection/mostConfidentVote.ts';
import { hedgesPerHundredWords, hedgeVote } from '../../../sidecar/selection/hedgeVote.ts';
import type { SelectionRule } from '../../../sidecar/selection/ruleSelector.ts';
import { steadinessVote } from '../../../sidecar/selection/steadinessVote.ts';
import { ballotsOf, type BallotRow } from '../../support/ballots.ts';

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
