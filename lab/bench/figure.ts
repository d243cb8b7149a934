import type { Purpose } from '../../protocol/budget.ts';
import { median } from '../../sidecar/numeric/mean.ts';
import type { Interval } from '../numeric/bootstrap.ts';

/** One paired measurement: both sides taken one right after the other, so that a busy machine slows both. */
export interface Pair {
  readonly subject: number;
  readonly baseline: number;
}

/** A quantity measured against another in several pairs. */
export interface PairedFigure {
  readonly type: 'paired';
  readonly name: string;
  readonly unit: 'tok/s' | 'ms' | 'MB';
  readonly subjectName: string;
  readonly baselineName: string;
  readonly pairs: readonly Pair[];
}

/** A quantity that nothing else has to be compared with, taken many times: what counts is how large it gets. */
export interface SampledFigure {
  readonly type: 'sampled';
  readonly name: string;
  readonly unit: 'ms' | 'MB';
  readonly samples: readonly number[];
}

/** A number with no spread of its own: counted, or made of all pairs of other figures. */
export interface SingleFigure {
  readonly type: 'single';
  readonly name: string;
  /** `ratio` is subject by baseline, `share` from 0 to 1. */
  readonly unit: 'ratio' | 'share' | 'tok/s' | 'MB' | 'tokens' | 'nats';
  readonly value: number;
  /** What it is made of, as half a sentence. */
  readonly basis: string;
}

/** What so many clients of one server had, each with its next request as soon as the last is answered. */
export interface LoadFigure {
  readonly type: 'load';
  readonly name: string;
  readonly clients: number;
  /** Of all requests together, from the first to the last end. */
  readonly tokensPerSecond: number;
  /** A value for each request. */
  readonly firstTokenMs: readonly number[];
  readonly answerMs: readonly number[];
}

/**
 * Results of one way to answer on the questions of a test set. Shares have the interval of `shareOf`, all else one that
 * covers 95 % of resampled questions.
 */
export interface StrategyFigure {
  readonly type: 'strategy';
  /** The strategy with its parameters. */
  readonly name: string;
  /** `fixedCap` for the control of an adaptive row: the same without difficulty, with a cap. */
  readonly kind: 'adaptive' | 'plain' | 'fixedCap';
  readonly questions: number;
  /** Questions times seeds. */
  readonly runs: number;
  /** Share that is right. */
  readonly accuracy: Interval;
  /** Tokens a question takes, all candidates together. */
  readonly generatedTokens: Interval;
  /** Means. */
  readonly tokensByPurpose: Readonly<Record<Purpose, Interval>>;
  /** Null where too few answers are right to tell. */
  readonly tokensPerCorrect: Interval | null;
  readonly secondsPerCorrect: Interval | null;
  /** From the request to its end, beside others. */
  readonly latencyMs: { readonly median: Interval; readonly p90: Interval };
  /** Share of answers that their own bound cut off; a thought that was closed at its cap is followed by an answer. */
  readonly truncatedShare: Interval;
}

/** One way to answer against another on the same questions, or one way to choose on the same candidates. */
export interface ContrastFigure {
  readonly type: 'contrast';
  readonly group: 'strategies' | 'selectors' | 'earlyStops';
  /** What both have in common. */
  readonly name: string;
  readonly subjectName: string;
  readonly baselineName: string;
  readonly questions: number;
  readonly accuracy: number;
  readonly baselineAccuracy: number;
  /** Subject less baseline, by question; the interval is that of `differenceOf`. */
  readonly accuracyDifference: Interval;
  /** Subject's tokens by the baseline's, over resampled questions. */
  readonly tokenRatio: Interval;
}

export type Figure =
  PairedFigure | SampledFigure | SingleFigure | LoadFigure | StrategyFigure | ContrastFigure;

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
  /** Null of fewer than `leastForP99` samples. */
  readonly p99: number | null;
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

/** Samples a 99th percentile needs: of fewer, by nearest rank, it is only the highest one. */
export const leastForP99 = 100;

/** Median, 99th percentile by nearest rank, and the worst sample; NaN of none. */
export function summariseSamples(samples: readonly number[]): SampleSummary {
  const sorted = samples.toSorted((a, b) => a - b);
  return {
    median: median(sorted),
    p99: sorted.length < leastForP99 ? null : percentile(sorted, 0.99),
    highest: sorted.at(-1) ?? NaN,
  };
}

/** By nearest rank, of values in ascending order; NaN of none. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** Both sides of a paired figure; each call takes one measurement. */
export interface PairMeasure {
  readonly subject: () => Promise<number>;
  readonly baseline: () => Promise<number>;
}

/**
 * Measures both sides `rounds` times, the first of a pair taking turns, after one round of each that is thrown
 * away because caches are cold in it. `onPair` hears of each pair as it is there.
 */
export async function measurePairs(
  rounds: number,
  measure: PairMeasure,
  onPair?: (pair: Pair) => void,
): Promise<readonly Pair[]> {
  await measure.baseline();
  await measure.subject();
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    const pair = await (round % 2 === 0 ? subjectFirst(measure) : baselineFirst(measure));
    pairs.push(pair);
    onPair?.(pair);
  }
  return pairs;
}

async function subjectFirst(measure: PairMeasure): Promise<Pair> {
  const subject = await measure.subject();
  return { subject, baseline: await measure.baseline() };
}

async function baselineFirst(measure: PairMeasure): Promise<Pair> {
  const baseline = await measure.baseline();
  return { subject: await measure.subject(), baseline };
}

/** What a part of a suite found. */
export interface PartResult {
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
}
