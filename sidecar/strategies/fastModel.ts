import { CodedError } from '../../protocol/codedError.ts';
import type { LossyQuality } from '../../protocol/lossyQuality.ts';
import type { SearchEvent } from '../../protocol/traceEvent.ts';
import type { Model } from '../engine/engine.ts';
import type { StrategyContext } from './strategy.ts';

/** The right to a faster, less able copy of the model that serves, until `release`. */
export interface FastModelLease {
  readonly model: Model;
  /** Null where it was never measured on this machine. */
  readonly quality: LossyQuality | null;
  /** Idempotent. */
  release(): void;
}

/** A lossy model for requests that are easy. Never asked for what is hard, or not known to be easy. */
export interface FastModelAccess {
  /**
   * Waits until it is loaded. Null where there is none, where it cannot be had, and where its tokens are not those of
   * `whole`: then `whole` does the work. Throws `cancelled` alone.
   */
  acquire(whole: Model, signal: AbortSignal): Promise<FastModelLease | null>;
}

/**
 * The fast model in the place of a context's own, to which a candidate that has begun is moved. Null where it cannot go
 * on: then the whole model does.
 */
export async function leaseFastModel(
  { model, fast, begun, promptTokens, sequenceOptions, steering, meter }: StrategyContext,
  signal: AbortSignal,
): Promise<FastModelLease | null> {
  if (fast === null || begun?.hasEndedOpening === true) return null;
  const ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime]);
  let lease: FastModelLease | null = null;
  try {
    lease = await fast.acquire(model, ended);
    if (lease === null) return null;
    if (promptTokens.length >= lease.model.info.contextTokens) {
      lease.release();
      return null;
    }
    await begun?.moveTo(lease.model, { tokens: promptTokens, options: sequenceOptions }, ended);
    return lease;
  } catch (thrown) {
    lease?.release();
    // Stopped or out of time meanwhile, or its context is too small for the prompt: the candidate is as it was.
    if (thrown instanceof CodedError && ['cancelled', 'context.exceeded'].includes(thrown.code)) return null;
    throw thrown;
  }
}

/** What the log says when the fast model takes over. */
export function switchedTo({ model, quality }: FastModelLease, why: string): SearchEvent {
  return { type: 'model/switched', model: model.info.identity, why, quality };
}
