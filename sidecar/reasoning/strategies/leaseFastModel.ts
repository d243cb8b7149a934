import { CodedError } from '../../../protocol/codedError.ts';
import type { FastModelLease } from '../../request/fastModel.ts';
import type { StrategyContext } from '../context/strategy.ts';

/**
 * Leases the fast model in place of a context's own and moves a candidate that has begun to it. Returns null where it
 * cannot go on: the whole model does then.
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
