import type { Attachment } from '../../../protocol/attachment.ts';
import type { AskResult } from '../../../protocol/messages.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTrace } from '../../../protocol/traceState.ts';
import { outcomesOf } from './strategyOutcomes.ts';
import { problemSignature } from './problemSignature.ts';
import type { StrategyMemoryFile } from './strategyMemoryFile.ts';

export interface LearningOptions {
  readonly memory: StrategyMemoryFile;
  readonly question: string;
  readonly attachment: Attachment | null;
  /** Called when what was learned could not be kept; the request has been answered all the same. */
  readonly onFailure: (error: unknown) => void;
}

/** A request's own log; once it has ended, what it teaches is kept. */
export async function* rememberOutcomes(
  log: AsyncGenerator<TraceEvent, AskResult, void>,
  { memory, question, attachment, onFailure }: LearningOptions,
): AsyncGenerator<TraceEvent, AskResult, void> {
  let state = initialTraceState;
  let step = await log.next();
  for (; step.done !== true; step = await log.next()) {
    state = reduceTrace(state, step.value);
    yield step.value;
  }
  if (state.difficulty !== null) {
    const signature = problemSignature({ question, attachment }, state.difficulty.difficulty);
    await memory.learn(signature, outcomesOf(state)).catch(onFailure);
  }
  return step.value;
}
