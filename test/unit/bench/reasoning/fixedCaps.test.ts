import { expect, it } from 'vitest';
import { fixedCaps } from '../../../../bench/reasoning/fixedCaps.ts';
import { rawCandidate, rawTrace } from '../../../support/rawTraces.ts';

/** Thoughts of these lengths, each with an answer of one token. */
const traceOf = (id: string, ...thoughts: number[]) =>
  rawTrace(
    id,
    thoughts.map((thought) => rawCandidate('right', thought + 1)),
  );

it('come to a bit less, as much and a bit more than what adapted', () => {
  // Under a cap of c, two questions come to (min(100, c) + 1 + min(300, c) + 1) / 2.
  const uncapped = [traceOf('a', 100), traceOf('b', 300)];
  // Wanted are .85, 1 and 1.15 times 151: caps of 154.7, 200 and 245.3, in steps of 8 from 16.
  expect(fixedCaps([traceOf('a', 150), traceOf('b', 150)], uncapped)).toEqual([160, 200, 248]);
});

it('count all candidates of a question', () => {
  // Wanted are .85, 1 and 1.15 times 102, of two candidates with 100 and 1 each.
  expect(fixedCaps([traceOf('a', 101)], [traceOf('a', 100, 100)])).toEqual([48, 56, 64]);
});

it('count what answers without a thought as well', () => {
  const direct = rawTrace('a', [rawCandidate('right', 1)], {
    ledger: { tokens: { ...traceOf('a', 0).ledger.tokens, thought: 0, answer: 101 }, durationMs: 1 },
  });
  expect(fixedCaps([direct], [traceOf('a', 300)])).toEqual([88, 104, 120]);
});

it('are taken on the questions that both have answered, each counting once', () => {
  const adaptive = [traceOf('a', 100), traceOf('only here', 9000)];
  const uncapped = [traceOf('a', 300), { ...traceOf('a', 300), seed: 2 }, traceOf('only there', 9000)];
  expect(fixedCaps(adaptive, uncapped)).toEqual([88, 104, 120]);
});

it('are left out where they would cut nothing off', () => {
  const adaptive = [traceOf('a', 300), traceOf('b', 300)];
  expect(fixedCaps(adaptive, [traceOf('a', 100), traceOf('b', 200)])).toEqual([]);
});
