import type { DraftSource } from '../../protocol/traceEvent.ts';
import type { TokenId } from '../engine/engine.ts';

/** A guess at the next tokens of one sequence, to be verified in one decode call. */
export interface Draft {
  readonly tokens: readonly TokenId[];
  /**
   * How much the guess rests on, in a unit of the drafter's own (the trie: matched context tokens). Acceptance is
   * kept apart by it, so that a well-founded draft is not judged by the others.
   */
  readonly evidence: number;
}

/**
 * Guesses what one sequence says next. Whatever it guesses, every token is drawn from the model's own distribution
 * with the request's own random numbers: the text is that of plain decoding, but for rounding. So a drafter may be
 * wrong at any time; it must not throw and must not wait. One drafter serves one sequence: a fork gets its own.
 */
export interface Drafter {
  readonly source: DraftSource;
  /** At most `maxTokens` likely to follow `context`, all tokens of the sequence so far; empty without a guess. */
  propose(context: readonly TokenId[], maxTokens: number): Draft;
  /** Milliseconds that a draft of this length costs its caller beside the decode call; 0 for a look-up. */
  draftMs(tokens: number): number;
  /** Learns `context.slice(from)`, which was just added to the sequence. */
  observe(context: readonly TokenId[], from: number, origin: DraftOrigin): void;
}

export type DraftOrigin = 'prompt' | 'output';
