import { Resamples } from '../../numeric/bootstrap.ts';
import { type Figure, type PairedFigure, percentile, type SingleFigure } from '../figure.ts';
import type { Pause, PauseResult } from './typingPart.ts';

const rivalNames = ['llama-server', 'llama-server, --spm-infill'] as const;
const subjectName = 'sidecar';

type Quantity = (result: PauseResult) => number;

/** Values of a quantity at each pause: the product's, and those of the rival that counts. */
interface Values {
  readonly subject: readonly number[];
  readonly baseline: readonly number[];
}

/**
 * The product's times, tokens and processor seconds, beside those of the rival with the lower median time. Intervals
 * cover 95 % of resampled pauses. Pure.
 */
export function typingFigures(pauses: readonly Pause[]): {
  readonly figures: readonly Figure[];
  readonly notes: readonly string[];
} {
  const medianOf = (side: number): number => percentileOf(valuesOf(pauses, side, duration), 0.5);
  const better = medianOf(1) <= medianOf(2) ? 1 : 2;
  const baselineName = rivalNames[better - 1] ?? '';
  const of = (chosen: readonly Pause[], quantity: Quantity): Values => ({
    subject: valuesOf(chosen, 0, quantity),
    baseline: valuesOf(chosen, better, quantity),
  });
  const jumps = pauses.filter(({ isAfterJump }) => isAfterJump);
  // An answer that is empty is quick, and nobody sees it.
  const seen = pauses.filter(({ results }) => isSeen(results[0]) && isSeen(results[better]));
  const paired = (name: string, { subject, baseline }: Values): PairedFigure => ({
    type: 'paired',
    name,
    unit: 'ms',
    subjectName,
    baselineName,
    pairs: subject.map((value, index) => ({ subject: value, baseline: baseline[index] ?? NaN })),
  });
  const all = of(pauses, duration);
  return {
    figures: [
      paired('request to first line', all),
      paired('request to first line after a jump', of(jumps, duration)),
      ...ratio('time, median', all, medianIn),
      ...ratio('time, 95th percentile', all, p95In),
      ...ratio('time after a jump, median', of(jumps, duration), medianIn),
      ...ratio('time where both show something, median', of(seen, duration), medianIn),
      ...ratio('time where both show something, 95th percentile', of(seen, duration), p95In),
      ...ratio(
        'tokens prefilled',
        of(pauses, ({ prefilledTokens }) => prefilledTokens),
        sumIn,
      ),
      ...ratio(
        'tokens generated',
        of(pauses, ({ generatedTokens }) => generatedTokens),
        sumIn,
      ),
      ...ratio(
        'processor seconds',
        of(pauses, ({ processorSeconds }) => processorSeconds),
        sumIn,
      ),
    ],
    notes: [
      `${pauses.length} pauses, ${jumps.length} of them after a jump. Each is a request to every side, the others resting.`,
      ...[0, 1, 2].map((side) => sideNote(pauses, side)),
      'llama-server is given 64 lines of each of three related files in every prompt, as llama.vscode sends them; they were read before the first pause. The sidecar is given none, as by default.',
    ],
  };
}

function isSeen(result: PauseResult | undefined): boolean {
  return result !== undefined && result.text.trim() !== '';
}

const duration: Quantity = ({ durationMs }) => durationMs;

function valuesOf(pauses: readonly Pause[], side: number, quantity: Quantity): readonly number[] {
  return pauses.flatMap(({ results }) => {
    const result = results[side];
    return result === undefined ? [] : [quantity(result)];
  });
}

type Statistic = (values: readonly number[]) => number;
const medianIn: Statistic = (values) => percentileOf(values, 0.5);
const p95In: Statistic = (values) => percentileOf(values, 0.95);
const sumIn: Statistic = (values) => values.reduce((sum, value) => sum + value, 0);

function percentileOf(values: readonly number[], share: number): number {
  return percentile(
    values.toSorted((a, b) => a - b),
    share,
  );
}

/** Nothing where there are no pauses to make it of. */
function ratio(name: string, { subject, baseline }: Values, statistic: Statistic): readonly SingleFigure[] {
  const chosen = (values: readonly number[], items: Int32Array): readonly number[] =>
    Array.from(items, (item) => values[item] ?? NaN);
  const interval = new Resamples(subject.length, 1).interval(
    (items) => statistic(chosen(subject, items)) / statistic(chosen(baseline, items)),
  );
  if (interval === null) return [];
  const { estimate, low, high } = interval;
  const digits = (value: number): string => value.toFixed(value < 10 ? 2 : 0);
  const basis = `${subjectName} ${digits(statistic(subject))} by ${digits(statistic(baseline))} over ${subject.length} pauses, interval ${low.toFixed(2)} to ${high.toFixed(2)}`;
  return [{ type: 'single', name, unit: 'ratio', value: estimate, basis }];
}

function sideNote(pauses: readonly Pause[], side: number): string {
  const name = [subjectName, ...rivalNames][side] ?? '';
  const times = valuesOf(pauses, side, duration);
  const jumps = valuesOf(
    pauses.filter(({ isAfterJump }) => isAfterJump),
    side,
    duration,
  );
  const sum = (quantity: Quantity): number => sumIn(valuesOf(pauses, side, quantity));
  const empty = pauses.filter(({ results }) => results[side]?.text.trim() === '').length;
  return (
    `${name}: median ${medianIn(times).toFixed(0)} ms, 95th percentile ${p95In(times).toFixed(0)} ms, after a jump ${medianIn(jumps).toFixed(0)} ms; ` +
    `${sum(({ prefilledTokens }) => prefilledTokens)} tokens prefilled, ${sum(({ generatedTokens }) => generatedTokens)} generated, ` +
    `${sum(({ processorSeconds }) => processorSeconds).toFixed(1)} processor seconds; ${empty} answers empty.`
  );
}
