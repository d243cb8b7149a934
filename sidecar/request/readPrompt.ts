import { CodedError } from '../../protocol/codedError.ts';
import type { Model, Sequence, SequenceOptions, TokenId } from '../engine/engine.ts';
import type { BudgetMeter } from './budgetMeter.ts';
import type { RunScope } from './eventChannel.ts';
import type { Steering } from './steering.ts';

/** What it takes to read a prompt into a sequence of its own. */
export interface PromptContext {
  readonly model: Model;
  /** The rendered prompt, ending where the model goes on. */
  readonly promptTokens: readonly TokenId[];
  readonly sequenceOptions: SequenceOptions;
  readonly meter: BudgetMeter;
  readonly steering: Steering;
  /** Looks at the prompt's sequence before anything is generated in it; null or absent where nobody does. */
  readonly promptObserver?: PromptObserver | null;
}

/** Looks at a prompt that was just read. */
export interface PromptObserver {
  readPrompt(sequence: Sequence, signal: AbortSignal): Promise<void>;
}

/**
 * The prompt in a sequence of its own, which the caller disposes. Returns null when the request was stopped or cancelled
 * meanwhile, or may generate nothing; `stoppedBefore` says which.
 */
export async function readPrompt(
  { model, promptTokens, sequenceOptions, meter, steering, promptObserver }: PromptContext,
  { events, signal }: RunScope,
): Promise<Sequence | null> {
  if (meter.exhausted() === 'generatedTokens') {
    const why = 'The budget has no tokens to generate, so nothing was read.';
    await events.push({ type: 'decision/made', kind: 'budgetExhausted', candidateId: null, why });
    return null;
  }
  const ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime]);
  let sequence: Sequence | null = null;
  try {
    sequence = await model.openSequence(sequenceOptions, ended);
    const prefill = await sequence.append(promptTokens, ended);
    meter.spendPrompt(promptTokens.length);
    await promptObserver?.readPrompt(sequence, ended);
    await events.push({ type: 'prefill/finished', ...prefill });
    return sequence;
  } catch (error) {
    await sequence?.dispose();
    if (!ended.aborted && !(error instanceof CodedError && error.code === 'cancelled')) throw error;
    const reason = stoppedBefore({ steering }, signal);
    if (reason === 'stoppedByUser') {
      const why = 'You stopped the request before its first token.';
      await events.push({ type: 'decision/made', kind: reason, candidateId: null, why });
    } else if (reason === 'budgetExhausted') {
      const why = 'The time was used up before the first token.';
      await events.push({ type: 'decision/made', kind: reason, candidateId: null, why });
    }
    return null;
  }
}

/** Why a request ended that `readPrompt` gave no sequence for. */
export function stoppedBefore(
  { steering }: Pick<PromptContext, 'steering'>,
  signal: AbortSignal,
): 'cancelled' | 'stoppedByUser' | 'budgetExhausted' {
  if (signal.aborted) return 'cancelled';
  return steering.stopSignal.aborted ? 'stoppedByUser' : 'budgetExhausted';
}
