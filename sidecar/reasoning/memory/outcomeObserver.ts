import type { Attachment } from '../../../protocol/attachment.ts';
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

/** Sees a request's log; once it has ended, `learn` keeps what it teaches. */
export class OutcomeObserver {
  readonly #options: LearningOptions;
  #state = initialTraceState;

  constructor(options: LearningOptions) {
    this.#options = options;
  }

  see(event: TraceEvent): void {
    this.#state = reduceTrace(this.#state, event);
  }

  /** Never rejects. Keeps nothing of a request whose difficulty was not judged. */
  async learn(): Promise<void> {
    const { memory, question, attachment, onFailure } = this.#options;
    if (this.#state.difficulty === null) return;
    const signature = problemSignature({ question, attachment }, this.#state.difficulty.difficulty);
    await memory.learn(signature, outcomesOf(this.#state)).catch(onFailure);
  }
}
