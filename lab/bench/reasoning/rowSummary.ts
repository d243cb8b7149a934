import { generatedTokenCount, type Purpose, purposes } from '../../../protocol/budget.ts';
import { mean } from '../../../sidecar/numeric/mean.ts';
import { type Interval, meanOf, ratioOf, Resamples } from '../../numeric/bootstrap.ts';
import { type ContrastFigure, percentile, type StrategyFigure } from '../figure.ts';
import { differenceOf, shareOf } from './accuracyIntervals.ts';
import type { RawTrace } from './rawTrace.ts';

/** Fixed, so that a report made again of the same answers is the same. */
const resampleSeed = 1;

/** A question as one way to answer did on it, over all its seeds. */
export interface QuestionScore {
  readonly questionId: string;
  /** Share of its runs that were right. */
  readonly accuracy: number;
  /** Mean generated tokens of its runs. */
  readonly tokens: number;
  /** Mean of its part of the machine's time, in seconds. */
  readonly seconds: number;
}

/** Scores by question, in the order in which the questions first came. */
export function questionScores(
  traces: readonly Pick<RawTrace, 'questionId' | 'isRight' | 'ledger' | 'machineMs'>[],
): readonly QuestionScore[] {
  return [...groupBy(traces, ({ questionId }) => questionId)].map(([questionId, runs]) => ({
    questionId,
    accuracy: mean(runs.map(({ isRight }) => (isRight ? 1 : 0))),
    tokens: mean(runs.map(({ ledger }) => generatedTokenCount(ledger))),
    seconds: mean(runs.map(({ machineMs }) => machineMs / 1000)),
  }));
}

/** Results of a row, with intervals over questions. Null without a finished question. Pure. */
export function summariseRow(
  name: string,
  kind: StrategyFigure['kind'],
  traces: readonly RawTrace[],
): StrategyFigure | null {
  const scores = questionScores(traces);
  const runs = [...groupBy(traces, ({ questionId }) => questionId).values()];
  const resamples = new Resamples(scores.length, resampleSeed);
  const right = scores.map(({ accuracy }) => accuracy);
  const truncated = runs.map((ofQuestion) => mean(ofQuestion.map((trace) => (isTruncated(trace) ? 1 : 0))));
  const tokens = scores.map((score) => score.tokens);
  const seconds = scores.map((score) => score.seconds);
  /** Interval of a mean over the runs of each question. */
  const interval = (valueOf: (trace: RawTrace) => number): Interval =>
    known(resamples.interval(meanOf(runs.map((ofQuestion) => mean(ofQuestion.map(valueOf))))));
  const latencies = runs.map((ofQuestion) => ofQuestion.map(({ ledger }) => ledger.durationMs));
  const latency = (share: number): Interval =>
    known(
      resamples.interval((items) => {
        const drawn = Array.from(items).flatMap((item) => latencies[item] ?? []);
        return percentile(
          drawn.sort((a, b) => a - b),
          share,
        );
      }),
    );
  if (scores.length === 0) return null;
  return {
    type: 'strategy',
    name,
    kind,
    questions: scores.length,
    runs: traces.length,
    accuracy: shareOf(right, traces.length),
    generatedTokens: known(resamples.interval(meanOf(tokens))),
    tokensByPurpose: Object.fromEntries(
      purposes.map((purpose) => [purpose, interval(({ ledger }) => ledger.tokens[purpose])]),
    ) as Readonly<Record<Purpose, Interval>>,
    tokensPerCorrect: resamples.interval(ratioOf(tokens, right)),
    secondsPerCorrect: resamples.interval(ratioOf(seconds, right)),
    latencyMs: { median: latency(0.5), p90: latency(0.9) },
    truncatedShare: shareOf(truncated, traces.length),
  };
}

/** The subject against the baseline on the questions that both have answered. Null where there is none. Pure. */
export function contrastScores(
  figure: Pick<ContrastFigure, 'name' | 'group' | 'subjectName' | 'baselineName'>,
  subject: readonly QuestionScore[],
  baseline: readonly QuestionScore[],
): ContrastFigure | null {
  const baselineOf = new Map(baseline.map((score) => [score.questionId, score]));
  const pairs = subject.flatMap((score) => {
    const other = baselineOf.get(score.questionId);
    return other === undefined ? [] : [{ subject: score, baseline: other }];
  });
  const tokenRatio = new Resamples(pairs.length, resampleSeed).interval(
    ratioOf(
      pairs.map((pair) => pair.subject.tokens),
      pairs.map((pair) => pair.baseline.tokens),
    ),
  );
  if (tokenRatio === null) return null;
  return {
    type: 'contrast',
    ...figure,
    questions: pairs.length,
    accuracy: mean(pairs.map((pair) => pair.subject.accuracy)),
    baselineAccuracy: mean(pairs.map((pair) => pair.baseline.accuracy)),
    accuracyDifference: differenceOf(pairs.map((pair) => pair.subject.accuracy - pair.baseline.accuracy)),
    tokenRatio,
  };
}

/** An interval that is there: values of at least one question, all finite, always have one. */
function known(interval: Interval | null): Interval {
  if (interval === null) throw new Error('What was taken of questions is finite.');
  return interval;
}

/** Whether the answer that was given is that of a candidate which a cap cut off. */
function isTruncated({ candidates }: RawTrace): boolean {
  return candidates.some(({ isSelected, end }) => isSelected && end === 'truncated');
}

export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
