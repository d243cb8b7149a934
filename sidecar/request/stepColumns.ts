import type { TokenColumns } from '../../protocol/traceEvent.ts';
import type { TokenStep } from '../engine/engine.ts';

/** Decimals kept of each statistic in the log; float32 statistics carry no more. */
const keptDecimals = 6;

/** An engine's steps, row by row, as the columns that travel in events. Statistics are rounded to six decimals. */
export function toTokenColumns(steps: readonly TokenStep[]): TokenColumns {
  return {
    ids: steps.map((step) => step.id),
    texts: steps.map((step) => step.text),
    logprobs: steps.map((step) => round(step.logprob)),
    entropyNats: steps.map((step) => round(step.entropyNats)),
    ...(steps.some((step) => step.entropyUpperNats !== undefined) && {
      entropyUpperNats: steps.map((step) => round(step.entropyUpperNats ?? step.entropyNats)),
    }),
    varentropy: steps.map((step) => round(step.varentropy)),
    margins: steps.map((step) => round(step.margin)),
    alternatives: steps.map((step) =>
      step.alternatives.map(({ id, text, logprob }) => ({ id, text, logprob: round(logprob) })),
    ),
    sources: steps.map((step) => step.source),
  };
}

function round(value: number): number {
  const scale = 10 ** keptDecimals;
  return Math.round(value * scale) / scale;
}
