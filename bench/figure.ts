/** One paired measurement: both sides taken one right after the other, so that a busy machine slows both. */
export interface Pair {
  readonly subject: number;
  readonly baseline: number;
}

/** A quantity measured against another in several pairs. */
export interface Figure {
  readonly name: string;
  readonly unit: 'tok/s' | 'ms';
  readonly subjectName: string;
  readonly baselineName: string;
  readonly pairs: readonly Pair[];
}

/** What a report shows of a figure. Low and high are the extremes of the pairs. */
export interface FigureSummary {
  readonly subjectMedian: number;
  readonly baselineMedian: number;
  readonly ratioMedian: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
}

/** Medians over the pairs; the ratio's is the median of the pairs' ratios, not the ratio of medians. */
export function summarise(figure: Figure): FigureSummary {
  const ratios = figure.pairs.map(({ subject, baseline }) => subject / baseline);
  return {
    subjectMedian: median(figure.pairs.map(({ subject }) => subject)),
    baselineMedian: median(figure.pairs.map(({ baseline }) => baseline)),
    ratioMedian: median(ratios),
    ratioLow: Math.min(...ratios),
    ratioHigh: Math.max(...ratios),
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
