/** One paired measurement: both sides taken one right after the other, so that a busy machine slows both. */
export interface Pair {
  readonly subject: number;
  readonly baseline: number;
}

/** A quantity measured against another in several pairs. */
export interface PairedFigure {
  readonly type: 'paired';
  readonly name: string;
  readonly unit: 'tok/s' | 'ms';
  readonly subjectName: string;
  readonly baselineName: string;
  readonly pairs: readonly Pair[];
}

/** A time that nothing else has to be compared with, taken many times: what counts is how long it gets. */
export interface SampledFigure {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'ms';
  readonly samples: readonly number[];
}

export type Figure = PairedFigure | SampledFigure;

/** What a report shows of pairs. Low and high are the extremes of the pairs. */
export interface PairSummary {
  readonly subjectMedian: number;
  readonly baselineMedian: number;
  readonly ratioMedian: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
}

/** What a report shows of samples. */
export interface SampleSummary {
  readonly median: number;
  readonly p99: number;
  readonly highest: number;
}

/** Medians over the pairs; the ratio's is the median of the pairs' ratios, not the ratio of medians. */
export function summarisePairs(pairs: readonly Pair[]): PairSummary {
  const ratios = pairs.map(({ subject, baseline }) => subject / baseline);
  return {
    subjectMedian: median(pairs.map(({ subject }) => subject)),
    baselineMedian: median(pairs.map(({ baseline }) => baseline)),
    ratioMedian: median(ratios),
    ratioLow: Math.min(...ratios),
    ratioHigh: Math.max(...ratios),
  };
}

/** Median, 99th percentile by nearest rank, and the worst sample; NaN of none. */
export function summariseSamples(samples: readonly number[]): SampleSummary {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    median: median(sorted),
    p99: sorted[Math.ceil(0.99 * sorted.length) - 1] ?? NaN,
    highest: sorted.at(-1) ?? NaN,
  };
}

/** The middle value; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const high = sorted[upper] ?? NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[upper - 1] ?? NaN) + high) / 2;
}

/**
 * Measures both sides `rounds` times, the first of a pair taking turns, after one round of each that is thrown
 * away because caches are cold in it.
 */
export async function measurePairs(
  rounds: number,
  measure: { readonly subject: () => Promise<number>; readonly baseline: () => Promise<number> },
): Promise<readonly Pair[]> {
  await measure.baseline();
  await measure.subject();
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const subject = await measure.subject();
      pairs.push({ subject, baseline: await measure.baseline() });
    } else {
      const baseline = await measure.baseline();
      pairs.push({ subject: await measure.subject(), baseline });
    }
  }
  return pairs;
}
