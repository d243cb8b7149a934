import type { RequestClass, SequenceOptions, TokenId } from '../../engine.ts';
import { noProposal, type Proposal, type Speculator } from '../../speculation/speculator.ts';
import { batchTokens } from './batchPlanner.ts';
import type { Generation } from './generation.ts';
import { Utf8Assembler } from './utf8Assembler.ts';

/** A prompt being put into the cache for a waiting `append`. */
export interface PrefillWork {
  readonly type: 'prefill';
  readonly callId: number;
  /** Length before the append, to which a cancelled one returns. */
  readonly lengthBefore: number;
  readonly tokenCount: number;
  readonly cachedTokenCount: number;
  readonly startedMs: number;
}

export interface GenerateWork {
  readonly type: 'generate';
  readonly callId: number;
  readonly generation: Generation;
}

export type SequenceWork = PrefillWork | GenerateWork;

/** What was read after a last token that was decoded before the step that needs its logits. */
export interface ReadAhead {
  /** Last layer's output, after the final norm. */
  readonly state: Float32Array;
  /** Over the whole vocabulary: the next token is drawn from them, and from those of no other decode. */
  readonly logits: Float32Array;
}

/**
 * One live sequence on the engine thread. Owned by the decode loop. Exactly its last token waits between rounds, unless
 * it was read ahead or gave up cells.
 */
export interface SequenceState {
  readonly id: number;
  /** llama.cpp's sequence id, whose first `decodedCount` positions hold cells. */
  readonly cellsId: number;
  readonly priority: SequenceOptions['priority'];
  readonly isReproducible: boolean;
  readonly shiftsContext: boolean;
  readonly requestClass: RequestClass;
  tokens: TokenId[];
  /**
   * Tokens whose cells are in the cache: all but the last at most, or all of them where it was read ahead; fewer while a
   * prompt is put in, and once cells had to be given up.
   */
  decodedCount: number;
  /** Null unless all tokens are decoded. Branches that are forked then have it too. */
  ahead: ReadAhead | null;
  /** It gave cells up to others and may not have all of them back. */
  hasPreemptedCells: boolean;
  work: SequenceWork | null;
  /** Round before which the work came in. */
  workSince: number;
  /** Round that it was part of last, or that before which the work came in. */
  servedRound: number;
  /** Most prompt tokens of its next call while it can be preempted: fewer the more calls it has lost. */
  callTokens: number;
  /** Whether its last step was aborted for interactive work: the next one is not, so that a text gets on however often somebody types. */
  hasLostStep: boolean;
  readonly text: Utf8Assembler;
  /** Null where nothing is drafted. */
  readonly speculator: Speculator | null;
  /** What is guessed to follow in the round being planned. */
  draft: Proposal;
}

/** Whether tokens before the last one wait: of a prompt, or of a generating sequence that had to give up cells. */
export function isPrefilling({ work, tokens, decodedCount }: SequenceState): boolean {
  return work?.type === 'prefill' || (work !== null && tokens.length - decodedCount > 1);
}

/** Whether its calls are aborted when interactive work comes in. One of a reproducible text is short and always the same. */
export function givesWay({ priority, isReproducible }: SequenceState): boolean {
  return priority === 'background' && !isReproducible;
}

/** Whether its next call is. Of two steps in a row one is finished. */
export function givesWayNow(sequence: SequenceState): boolean {
  return givesWay(sequence) && (isPrefilling(sequence) || !sequence.hasLostStep);
}

/** Tokens decoded so far for a prompt that is being put in, beyond what the cache held. */
export function decodedTokens({ work, decodedCount }: SequenceState): number {
  if (work?.type !== 'prefill') return 0;
  return Math.max(0, decodedCount - work.lengthBefore - work.cachedTokenCount);
}

/** An empty sequence. */
export function createSequenceState(
  id: number,
  cellsId: number,
  options: Pick<
    SequenceState,
    'priority' | 'isReproducible' | 'shiftsContext' | 'requestClass' | 'speculator'
  >,
): SequenceState {
  return {
    id,
    cellsId,
    priority: options.priority,
    isReproducible: options.isReproducible,
    shiftsContext: options.shiftsContext,
    requestClass: options.requestClass,
    tokens: [],
    decodedCount: 0,
    ahead: null,
    hasPreemptedCells: false,
    work: null,
    workSince: 0,
    servedRound: 0,
    callTokens: batchTokens,
    hasLostStep: false,
    text: new Utf8Assembler(),
    speculator: options.speculator,
    draft: noProposal,
  };
}
