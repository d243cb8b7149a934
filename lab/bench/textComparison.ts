import { Resamples } from '../numeric/bootstrap.ts';
import type { PairedFigure, SingleFigure } from './figure.ts';
import type { TextRun } from './textRun.ts';

const resamplingSeed = 1;

/** Runs of the same requests by two contenders. */
export interface Comparison {
  readonly subjectName: string;
  readonly subject: readonly TextRun[];
  readonly baselineName: string;
  readonly baseline: readonly TextRun[];
}

/** A pair for each request. */
export function pairedSpeeds(name: string, comparison: Comparison): PairedFigure {
  const { subjectName, subject, baselineName, baseline } = comparison;
  return {
    type: 'paired',
    name,
    unit: 'tok/s',
    subjectName,
    baselineName,
    pairs: subject.map((run, index) => ({
      subject: run.tokensPerSecond,
      baseline: baseline[index]?.tokensPerSecond ?? NaN,
    })),
  };
}

/** All tokens of the runs by all their seconds: long texts count for what they are. NaN of none. */
export function speedOfAll(runs: readonly TextRun[]): number {
  const tokens = runs.reduce((sum, { ids }) => sum + ids.length, 0);
  const seconds = runs.reduce((sum, { ids, tokensPerSecond }) => sum + ids.length / tokensPerSecond, 0);
  return tokens / seconds;
}

/** Speed over all tokens of the subject by that of the baseline. */
export function overallRatio(name: string, { subject, baseline, ...names }: Comparison): SingleFigure {
  const speeds = [speedOfAll(subject), speedOfAll(baseline)] as const;
  const sides = baseline.flatMap((run, index) => {
    const other = subject[index];
    return other === undefined ? [] : [{ subject: other, baseline: run }];
  });
  const interval = new Resamples(sides.length, resamplingSeed).interval((items) => {
    const chosen = Array.from(items, (item) => sides[item]).filter((side) => side !== undefined);
    return speedOfAll(chosen.map((side) => side.subject)) / speedOfAll(chosen.map((side) => side.baseline));
  });
  const spread =
    interval === null
      ? ''
      : `; 95 % of resampled texts ${interval.low.toFixed(2)} to ${interval.high.toFixed(2)}`;
  return {
    type: 'single',
    name: `${name}: ${names.subjectName} ÷ ${names.baselineName}`,
    unit: 'ratio',
    value: speeds[0] / speeds[1],
    basis: `all tokens by all seconds, ${speeds[0].toFixed(1)} and ${speeds[1].toFixed(1)} tok/s, texts: ${subject.length}${spread}`,
  };
}

/** Accepted by drafted tokens of the runs, by who drafted; nobody who drafted nothing. */
export function acceptanceBySource(runs: readonly TextRun[]): ReadonlyMap<string, number> {
  const drafts = runs.flatMap((run) => run.drafts).filter(({ draftedTokenCount }) => draftedTokenCount > 0);
  return new Map(
    [...new Set(drafts.map(({ source }) => source))].map((source) => {
      const own = drafts.filter((draft) => draft.source === source);
      const drafted = own.reduce((sum, { draftedTokenCount }) => sum + draftedTokenCount, 0);
      const accepted = own.reduce((sum, { acceptedTokenCount }) => sum + acceptedTokenCount, 0);
      return [source, accepted / drafted];
    }),
  );
}

/** A figure for each source that drafted for a contender. */
export function acceptanceFigures(
  name: string,
  contender: string,
  runs: readonly TextRun[],
): readonly SingleFigure[] {
  return [...acceptanceBySource(runs)].map(([source, value]) => ({
    type: 'single',
    name: `${name}: drafted tokens accepted, ${source === contender ? contender : `${contender}, ${source}`}`,
    unit: 'share',
    value,
    basis: 'of all drafted tokens of all texts',
  }));
}

/** Where two texts part: the place of the first token that differs, and how near its rivals were. */
export interface Parting {
  /** Place of the request among all. */
  readonly request: number;
  readonly token: number;
  /** p1 − p2 at that token from a run that has it; NaN where neither does. */
  readonly margin: number;
}

/** Every request whose texts differ. A text that only ends sooner differs where it ends. */
export function partings({ subject, baseline }: Comparison): readonly Parting[] {
  return subject.flatMap((run, request) => {
    const other = baseline[request];
    if (other === undefined) return [];
    const longest = Math.max(run.ids.length, other.ids.length);
    const token = Array.from({ length: longest }).findIndex((_, i) => run.ids[i] !== other.ids[i]);
    if (token === -1) return [];
    return [{ request, token, margin: other.margins[token] ?? run.margins[token] ?? NaN }];
  });
}

/** How often and where the greedy texts differ, as one sentence of a report. */
export function describePartings(name: string, comparison: Comparison): string {
  const { subjectName, subject, baselineName } = comparison;
  const found = partings(comparison);
  const places = found.map(
    ({ request, token, margin }) =>
      `text ${request + 1} at token ${token + 1}` +
      (Number.isNaN(margin) ? '' : ` (the two likeliest ${margin.toFixed(3)} apart)`),
  );
  const where = places.length === 0 ? '' : `: ${places.join(', ')}`;
  return `${name}: greedy texts of ${subjectName} and ${baselineName} differ in ${found.length} of ${subject.length}${where}.`;
}
