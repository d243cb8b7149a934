import type { ModelPace } from '../../../protocol/health.ts';
import type { BatchCurve } from '../speculation/batchCost.ts';

/** What a model was measured to do on one machine. What is null was not measured yet. */
export interface MeasuredSpeeds {
  /** Threads that were fastest for a step and for a prompt. */
  readonly threads: { readonly decode: number; readonly prefill: number } | null;
  /** Milliseconds of decode calls by their tokens, measured at the load that needs the price of drafts. */
  readonly curve: BatchCurve | null;
  /** Whether nothing else used the processor meanwhile. A curve that was disturbed still prices drafts, which correct it. */
  readonly isCurveSteady: boolean;
  /** Milliseconds of a step by the sequences that share it, measured at rest where no load has left a curve. */
  readonly sequences: BatchCurve | null;
  /** Time of a prompt that nothing else is decoded beside. */
  readonly prefillMsPerToken: number | null;
  /** Memory of the process that the load has added. Cells that no text has used yet are not in it. */
  readonly loadedBytes: number | null;
}

export const nothingMeasured: MeasuredSpeeds = {
  threads: null,
  curve: null,
  isCurveSteady: false,
  sequences: null,
  prefillMsPerToken: null,
  loadedBytes: null,
};

/** Null until both were measured. Pure. */
export function paceOf(speeds: MeasuredSpeeds): ModelPace | null {
  const { prefillMsPerToken } = speeds;
  const stepMs = steadySteps(speeds)?.[0]?.durationMs;
  if (stepMs === undefined || prefillMsPerToken === null) return null;
  return { prefillTokensPerSecond: 1000 / prefillMsPerToken, decodeTokensPerSecond: 1000 / stepMs };
}

/** Milliseconds of steps that were measured while nothing else used the processor; null where none were. Pure. */
export function steadySteps({ curve, isCurveSteady, sequences }: MeasuredSpeeds): BatchCurve | null {
  return isCurveSteady && curve !== null ? curve : sequences;
}

/** Less of its processors than this while it computed, and a measurement says more of other programs than of the model. */
const leastShare = 0.7;

/**
 * Whether a measurement was left alone: threads that compute spend as much processor time as passes. `processorMs` is what
 * the process has spent meanwhile. Pure.
 */
export function isSteady(
  { durationMs, processorMs }: { readonly durationMs: number; readonly processorMs: number },
  threads: number,
): boolean {
  return processorMs >= leastShare * threads * durationMs;
}
