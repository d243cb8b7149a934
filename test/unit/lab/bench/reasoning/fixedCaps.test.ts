import { expect, it } from 'vitest';
import { fixedCaps } from '../../../../../lab/bench/reasoning/fixedCaps.ts';
import { rawCandidate, rawTrace } from '../../../../support/trace/rawTraces.ts';

/** Thoughts of these lengths, each with an answer of one token. */
const traceOf = (id: string, ...thoughts: number[]) =>
  rawTrace(
    id,
    thoughts.map((thought) => rawCandidate('right', thought + 1)),
  );

it('come to a bit less, as much and a bit more than what adapted', () => {
  // Without sentences, under a cap of c, two questions come to (min(100, c) + 1 + min(300, c) + 1) / 2.
  const uncapped = [traceOf('a', 100), traceOf('b', 300)];
  // Wanted are .85, 1 and 1.15 times 151: caps of 154.7, 200 and 245.3, to the nearest of 16, 24, 32 …
  expect(fixedCaps([traceOf('a', 150), traceOf('b', 150)], uncapped)).toEqual([152, 200, 248]);
});

it('are closed by the first end of a sentence near the cap', () => {
  // Three hundred tokens of four characters, ten a sentence, and an answer of one: thoughts end at 10, 20, 30 …
  const text = `${`${'aaa '.repeat(9)}aaa.`.repeat(30)}done`;
  const uncapped = rawTrace('a', [rawCandidate('right', 301, { text })]);
  // Wanted are .85, 1 and 1.15 times 101. Caps of 104, 128 and 144 look for an end from 78, 96 and 112 on, and so leave
  // thoughts of 80, 100 and 120 tokens. Those behind or before them, from 84, 90 and 104 on, leave 90, 90 and 110.
  expect(fixedCaps([traceOf('a', 100)], [uncapped])).toEqual([104, 128, 144]);
});

it('count all candidates of a question', () => {
  // Wanted are .85, 1 and 1.15 times 102, of two candidates with 100 and 1 each.
  expect(fixedCaps([traceOf('a', 101)], [traceOf('a', 100, 100)])).toEqual([40, 48, 56]);
});

it('count what answers without a thought as well', () => {
  const direct = rawTrace('a', [rawCandidate('right', 1)], {
    ledger: { tokens: { ...traceOf('a', 0).ledger.tokens, thought: 0, answer: 101 }, durationMs: 1 },
  });
  expect(fixedCaps([direct], [traceOf('a', 300)])).toEqual([88, 104, 112]);
});

it('are taken on the questions that both have answered, each counting once', () => {
  const adaptive = [traceOf('a', 100), traceOf('only here', 9000)];
  const uncapped = [traceOf('a', 300), { ...traceOf('a', 300), seed: 2 }, traceOf('only there', 9000)];
  expect(fixedCaps(adaptive, uncapped)).toEqual([88, 104, 112]);
});

it('are left out where they would cut nothing off', () => {
  const adaptive = [traceOf('a', 300), traceOf('b', 300)];
  expect(fixedCaps(adaptive, [traceOf('a', 100), traceOf('b', 200)])).toEqual([]);
});
