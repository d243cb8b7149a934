import type { DraftSource } from '../../../protocol/traceEvent.ts';
import type { TokenId } from '../engine.ts';

/** One guessed token. */
export interface DraftNode {
  readonly token: TokenId;
  /** Index in the draft of the node it follows, always smaller than its own; −1 follows the context. */
  readonly parent: number;
  /** The drafter's own probability, in 0…1, that the token is right given that those before it are. */
  readonly confidence: number;
  /**
   * What the guess rests on, in few words of the drafter's own (the trie: how long a match, a model: how sure it is).
   * How often tokens were right is kept apart by it, so that a well-founded guess is not judged by the others.
   */
  readonly grounds: string;
}

/** A guess at the next tokens of one sequence, to be verified in one decode call. */
export interface Draft {
  /**
   * A tree in depth-first order: each branch is written to its end before the next begins, the likelier child first.
   * A chain is the usual case. Empty without a guess.
   */
  readonly nodes: readonly DraftNode[];
}

/** What the governor wants of the next draft. */
export interface DraftLimits {
  /** Most nodes of a branch. */
  readonly maxTokens: number;
  /** Most branches; 1 asks for a chain. */
  readonly branches: number;
  /** Stop after the first node at which the product of the confidences falls below this (arXiv 2309.04255). */
  readonly leastConfidence: number;
}

/**
 * Guesses what one sequence says next. Whatever it guesses, every token is drawn from the model's own distribution
 * with the request's own random numbers: the text is that of plain decoding, but for rounding. So a drafter may be
 * wrong at any time; it must not throw, and it must be done within the time that `draftMs` said. One drafter serves
 * one sequence, on the engine thread and between two decode calls of the model it drafts for; a fork gets its own.
 */
export interface Drafter {
  readonly source: DraftSource;
  /**
   * A guess after `context`, all tokens of the sequence so far. Between two calls the context may have grown by
   * several tokens, others than were drafted among them, and it may have been cut back.
   */
  propose(context: readonly TokenId[], limits: DraftLimits): Draft;
  /**
   * Milliseconds that a draft of `tokens` after `context` is expected to take its caller beside the decode call,
   * catching up with the context included; 0 for a look-up. It is asked often and must cost nothing.
   */
  draftMs(context: readonly TokenId[], tokens: number): number;
  /** Learns `context.slice(from)`, which was just added to the sequence. Must cost no more than a look-up. */
  observe(context: readonly TokenId[], from: number, origin: DraftOrigin): void;
  /** The sequence is over: gives back what is held for it. */
  dispose(): void;
}

/** Opens drafters of one source for the sequences of one model. Null where none can be had now. */
export interface DrafterMaker {
  open(): Drafter | null;
}

/** Kind of a text that drafts are taken from. */
export type DraftOrigin = 'prompt' | 'output' | 'document';

/** No guess. */
export const emptyDraft: Draft = { nodes: [] };

/** A chain of nodes, each following the one before. What each rests on is the tenth that its confidence reaches. */
export function chainOf(tokens: readonly TokenId[], confidences: readonly number[]): readonly DraftNode[] {
  return tokens.map((token, index) => {
    const confidence = confidences[index] ?? 0;
    return { token, parent: index - 1, confidence, grounds: `sure ${Math.floor(confidence * 10)}` };
  });
}
