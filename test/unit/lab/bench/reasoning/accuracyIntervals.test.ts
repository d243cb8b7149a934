import { describe, expect, it } from 'vitest';
import { differenceOf, shareOf } from '../../../../../lab/bench/reasoning/accuracyIntervals.ts';

/** Differences of so many questions, of which some were won and some lost. */
const differences = (questions: number, won: number, lost: number) =>
  Array.from({ length: questions }, (_, index) => (index < won ? 1 : index < won + lost ? -1 : 0));

const repeated = (shares: readonly number[], times: number) =>
  Array.from({ length: times }, () => shares).flat();

describe('the interval of a paired difference', () => {
  it.each([
    // The example of `ci.prop.ps` in R's statpsych, whose estimate is the centre.
    { questions: 48, won: 26, lost: 4, low: 0.2548, high: 0.6252 },
    // By the formula in R's contingencytables, on Bentur et al. (2009): (1 + 1) / 23 less (7 + 1) / 23, ± 1.96 · 0.1263.
    { questions: 21, won: 1, lost: 7, low: -0.5084, high: -0.0134 },
  ])('is as published for $won won and $lost lost of $questions', ({ questions, won, lost, low, high }) => {
    const interval = differenceOf(differences(questions, won, lost));
    expect(interval.estimate).toBeCloseTo((won - lost) / questions, 12);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it('never takes four won and none lost for a difference', () => {
    for (const questions of [10, 20, 60, 200, 5000])
      expect(differenceOf(differences(questions, 4, 0)).low).toBeLessThan(0);
  });

  it('where few differ, is above nothing where an exact sign test says so, and only there', () => {
    // Two-sided p of these: 0.0625 and 0.031; 0.070 and 0.039; 0.065 and 0.039.
    const pairs = [
      [5, 0],
      [6, 0],
      [7, 1],
      [8, 1],
      [9, 2],
      [10, 2],
    ] as const;
    for (const questions of [400, 2000]) {
      const above = pairs.map(([won, lost]) => differenceOf(differences(questions, won, lost)).low > 0);
      expect(above).toEqual([false, true, false, true, false, true]);
    }
  });

  it('of 20 questions without a difference leaves room for more than ten points either way', () => {
    const { estimate, low, high } = differenceOf(differences(20, 0, 0));
    expect(estimate).toBe(0);
    expect(low).toBeLessThan(-0.1);
    expect(high).toBeCloseTo(-low, 12);
  });

  it('ends where differences do', () => {
    expect(differenceOf([1, 1, 1])).toMatchObject({ estimate: 1, high: 1 });
  });

  it('holds the true difference in about 95 of 100 sets, however few questions differ', () => {
    const questions = 30;
    const coverages: number[] = [];
    for (const won of [0, 0.02, 0.05, 0.1, 0.2, 0.3]) {
      for (const lost of [0, 0.02, 0.05, 0.1, 0.2, 0.3]) coverages.push(coverageOf(questions, { won, lost }));
    }
    expect(Math.min(...coverages)).toBeGreaterThan(0.93);
    expect(coverages.reduce((sum, coverage) => sum + coverage, 0) / coverages.length).toBeGreaterThan(0.95);
  });

  it('is narrower where seeds differ, as means over them do', () => {
    const oneSeed = differenceOf(repeated([1, 0, -1, 0], 10));
    const fourSeeds = differenceOf(repeated([0.25, 0, -0.25, 0], 10));
    expect(fourSeeds.high).toBeLessThan(oneSeed.high / 2);
  });
});

describe('the interval of a share', () => {
  it('is that of Wilson where each question was answered once', () => {
    // Of 8 in 10: 49.0 to 94.3 %.
    const interval = shareOf([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], 10);
    expect(interval.low).toBeCloseTo(0.49, 3);
    expect(interval.high).toBeCloseTo(0.943, 3);
  });

  it('has room where all are right, or none, whatever the seeds', () => {
    expect(shareOf(repeated([0], 20), 20)).toMatchObject({ estimate: 0, low: 0 });
    expect(shareOf(repeated([0], 20), 20).high).toBeCloseTo(0.161, 3);
    const allRight = shareOf(repeated([1], 20), 80);
    expect(allRight.low).toBeCloseTo(1 - 0.161, 3);
    expect([allRight.estimate, allRight.high.toFixed(12)]).toEqual([1, '1.000000000000']);
  });

  it('takes seeds that agree for one answer, and those that differ like questions for one each', () => {
    const once = shareOf(repeated([1, 0], 20), 40);
    expect(shareOf(repeated([1, 0], 20), 160)).toEqual(once);
    // Of two seeds by chance: both wrong, either, both right.
    const twice = shareOf(repeated([0, 0.5, 0.5, 1], 10), 80);
    const eighty = shareOf(repeated([1, 0], 40), 80);
    expect(twice.low).toBeCloseTo(eighty.low, 12);
    expect(twice.low).toBeGreaterThan(once.low);
  });
});

/** How often the interval of so many questions holds the difference, over all that can happen. */
function coverageOf(
  questions: number,
  { won, lost }: { readonly won: number; readonly lost: number },
): number {
  let coverage = 0;
  for (let wins = 0; wins <= questions; wins++) {
    for (let losses = 0; wins + losses <= questions; losses++) {
      const same = questions - wins - losses;
      const ways = binomial(questions, wins) * binomial(questions - wins, losses);
      const probability = ways * won ** wins * lost ** losses * (1 - won - lost) ** same;
      if (probability === 0) continue;
      const { low, high } = differenceOf(differences(questions, wins, losses));
      if (low <= won - lost && won - lost <= high) coverage += probability;
    }
  }
  return coverage;
}

function binomial(n: number, k: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways;
}
