import type { CodedError } from '../../../../protocol/codedError.ts';
import { cancelled } from '../../cancelled.ts';
import type { GenerateEnd, GenerateResult, Prefill, TokenStep } from '../../engine.ts';
import type { KvCache } from '../cache/kvCache.ts';
import { contextInUse } from '../native/contextErrors.ts';
import type { BatchJoinWindow } from './batchJoinWindow.ts';
import type { SequenceCells } from './sequenceCells.ts';
import type { PrefillWork, SequenceState } from './sequenceState.ts';

/** Where work is answered. Every call id gets exactly one of `prefilled`, `ended` and `failed`. */
export interface LoopEvents {
  prefilled(callId: number, prefill: Prefill, length: number): void;
  stepped(callId: number, step: TokenStep): void;
  ended(callId: number, result: GenerateResult): void;
  failed(callId: number, error: CodedError): void;
}

export interface AnswerDependencies {
  readonly cache: KvCache;
  readonly cells: SequenceCells;
  readonly owners: BatchJoinWindow;
  readonly events: LoopEvents;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** How work on a sequence ends: its owner is answered once, and the sequence is free for what comes next. */
export class WorkAnswers {
  readonly #dependencies: AnswerDependencies;

  constructor(dependencies: AnswerDependencies) {
    this.#dependencies = dependencies;
  }

  /** Answers a prompt whose tokens are all decoded but the last, which waits for the step that needs its logits. */
  finishPrefillWhenDone(sequence: SequenceState): void {
    const { work } = sequence;
    if (work?.type !== 'prefill' || sequence.decodedCount < sequence.tokens.length - 1) return;
    this.#finish(sequence);
    const { tokenCount, cachedTokenCount, startedMs, callId } = work;
    const durationMs = this.#dependencies.now() - startedMs;
    this.#dependencies.events.prefilled(
      callId,
      { tokenCount, cachedTokenCount, durationMs },
      sequence.tokens.length,
    );
  }

  /** Ends running work as cancelled. */
  cancel(sequence: SequenceState): void {
    const { work } = sequence;
    if (work?.type === 'generate') this.end(sequence, { type: 'cancelled' });
    else if (work !== null) this.#abandon(sequence, work, cancelled());
  }

  /** Ends a generation for a reason. */
  end(sequence: SequenceState, end: GenerateEnd): void {
    const { work } = sequence;
    if (work?.type !== 'generate') return;
    this.#finish(sequence);
    const { drafts, droppedTokenCount, lastState, unwrittenStart } = work.generation;
    const result = {
      end,
      drafts,
      droppedTokenCount,
      ...(lastState !== null && { lastState }),
      ...(unwrittenStart !== null && { unwrittenStart }),
    };
    this.#dependencies.events.ended(work.callId, result);
  }

  /** Ends running work with an error. */
  fail(sequence: SequenceState, error: CodedError): void {
    const { work } = sequence;
    if (work === null) return;
    if (work.type === 'prefill') {
      this.#abandon(sequence, work, error);
      return;
    }
    this.#finish(sequence);
    this.#dependencies.events.failed(work.callId, error);
  }

  /** Ends running work that finds no cells although nothing retired is left to evict. */
  endForWantOfCells(sequence: SequenceState): void {
    if (sequence.work?.type === 'generate') this.end(sequence, { type: 'contextFull' });
    else this.fail(sequence, contextInUse(this.#dependencies.cache.capacity));
  }

  /** The sequence becomes what it was before the append. What was decoded already serves the next that starts alike. */
  #abandon(sequence: SequenceState, work: PrefillWork, error: CodedError): void {
    this.#finish(sequence);
    const { cache, cells, events } = this.#dependencies;
    cache.retireCopy(sequence.cellsId, sequence.tokens.slice(0, sequence.decodedCount));
    sequence.tokens.length = work.lengthBefore;
    cells.keepDecoded(sequence, work.lengthBefore - 1);
    events.failed(work.callId, error);
  }

  #finish(sequence: SequenceState): void {
    if (sequence.work?.type === 'generate') sequence.work.generation.dispose();
    sequence.work = null;
    this.#dependencies.owners.answered(sequence.id, sequence.priority);
  }
}
