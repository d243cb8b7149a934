import { CodedError } from '../../../protocol/codedError.ts';
import type { Judgement } from '../../request/difficultyEstimator.ts';
import type { FastModelLease } from '../../request/fastModelAccess.ts';
import { present } from '../../validation/fieldReader.ts';
import type { StrategyContext } from '../context/strategy.ts';
import { mayStandIn } from '../../request/standIn.ts';

/**
 * Leases the fast model in place of a context's own, and moves a candidate that has begun to it, where the user called the
 * question easy or a measurement says that it pays. Returns null otherwise, and where the fast model cannot go on: the
 * whole model does then.
 */
export async function leaseFastModel(
  {
    model,
    fast,
    firstCandidate,
    promptTokens,
    sequenceOptions,
    steering,
    meter,
    difficulty: context,
  }: StrategyContext,
  { difficulty, source }: Pick<Judgement, 'difficulty' | 'source'>,
  signal: AbortSignal,
): Promise<FastModelLease | null> {
  if (fast === null || firstCandidate?.hasEndedInProbePrefix === true) return null;
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
    await firstCandidate?.moveTo(lease.model, { tokens: promptTokens, options: sequenceOptions }, ended);
    return lease;
  } catch (thrown) {
    lease?.release();
    // Stopped or out of time meanwhile, or its context is too small for the prompt: the candidate is as it was.
    if (thrown instanceof CodedError && ['cancelled', 'context.exceeded'].includes(thrown.code)) return null;
    throw thrown;
  }
}
