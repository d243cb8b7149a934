import { CodedError } from '../../protocol/codedError.ts';
import type { LossyQuality } from '../../protocol/lossyQuality.ts';
import type { SearchEvent } from '../../protocol/traceEvent.ts';
import type { Judgement } from '../difficulty/difficultyEstimator.ts';
import { mayStandIn } from '../difficulty/standIn.ts';
import type { Model } from '../engine/engine.ts';
import { present } from '../fieldReader.ts';
import type { StrategyContext } from './strategy.ts';

/** The right to a faster, less able copy of the model that serves, until `release`. */
export interface FastModelLease {
  readonly model: Model;
  /** Null where it was never measured on this machine. */
  readonly quality: LossyQuality | null;
  /** Idempotent. */
  release(): void;
}

/** A lossy model for what the user calls easy, and for classes that it was measured to pay for. */
export interface FastModelAccess {
  /**
   * Waits until it is loaded. Null where there is none, where it cannot be had, and where its tokens are not those of
   * `whole`: then `whole` does the work. Throws `cancelled` alone.
   */
  acquire(whole: Model, signal: AbortSignal): Promise<FastModelLease | null>;
}

/**
 * The fast model in the place of a context's own, to which a candidate that has begun is moved, where the user called the
 * question easy or a measurement says that it pays. Null otherwise, and where it cannot go on: then the whole model does.
 */
export async function leaseFastModel(
  {
    model,
    fast,
    begun,
    promptTokens,
    sequenceOptions,
    steering,
    meter,
    difficulty: context,
  }: StrategyContext,
  { difficulty, source }: Pick<Judgement, 'difficulty' | 'source'>,
  signal: AbortSignal,
): Promise<FastModelLease | null> {
  if (fast === null || begun?.hasEndedOpening === true) return null;
  const isCalledEasy = source === 'override' && difficulty === 'easy';
  const mayAnswer = (file?: string): boolean =>
    isCalledEasy ||
    mayStandIn(context.standIns, 'fastModel', { difficulty, source, ...present({ model: file }) });
  if (!mayAnswer()) return null;
  const ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime]);
  let lease: FastModelLease | null = null;
  try {
    lease = await fast.acquire(model, ended);
    if (lease === null) return null;
    const { contextTokens, identity } = lease.model.info;
    if (promptTokens.length >= contextTokens || !mayAnswer(identity.hash)) {
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
