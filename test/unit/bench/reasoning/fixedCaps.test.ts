import { expect, it } from 'vitest';
import { fixedCaps } from '../../../../bench/reasoning/fixedCaps.ts';
import { rawCandidate, rawTrace } from '../../../support/rawTraces.ts';

const traceOf = (...thoughts: number[]) =>
  rawTrace(
    'q',
    thoughts.map((thought) => rawCandidate('right', thought + 1)),
  );

it('come to a bit less, as much and a bit more than what adapted', () => {
  // Under a cap of c, two thoughts of 100 and 300 come to (min(100, c) + min(300, c)) / 2.
  const uncapped = [traceOf(100), traceOf(300)];
  // Wanted are 127.5, 150 and 172.5: caps of 155, 200 and 245, in steps of 8 from 16.
  expect(fixedCaps([traceOf(150)], uncapped)).toEqual([160, 200, 248]);
});

it('count all candidates of a question', () => {
  // Wanted are 85, 100 and 115 of two candidates with 100 each.
  expect(fixedCaps([traceOf(100)], [traceOf(100, 100)])).toEqual([48, 56, 64]);
});

it('are left out where they would cut nothing off', () => {
  expect(fixedCaps([traceOf(300)], [traceOf(100), traceOf(200)])).toEqual([]);
});
