import type { ModelDraftSource } from '../../../protocol/traceEvent.ts';
import type { TokenId } from '../engine.ts';
import {
  chainOf,
  type Draft,
  type Drafter,
  type DrafterMaker,
  type DraftLimits,
  emptyDraft,
} from './drafter.ts';

/** What a draft model would write next, with its own probability of each token; empty where it has nothing yet. */
export interface Continuation {
  readonly tokens: readonly TokenId[];
  readonly probabilities: readonly number[];
}

/** A draft model on the track of one text. */
export interface TextFollower {
  /**
   * Milliseconds that `continue` is expected to take for `tokens` after `context`; of a way that takes several calls,
   * the next one's. Costs a comparison.
   */
  expectedMs(context: readonly TokenId[], tokens: number): number;
  /**
   * Catches up with `context` and goes on from it, greedily. A long way is made in several calls, all but the last of
   * which return nothing.
   */
  continue(context: readonly TokenId[], limits: Omit<DraftLimits, 'branches'>): Continuation;
  dispose(): void;
}

/** A second model that writes what the first may say. */
export interface DraftModel {
  /** A follower for one sequence. */
  follow(): TextFollower;
}

/**
 * Drafts with another model of the same tokenizer (`draftModel`), or with a copy of the same model that lacks some of
 * its blocks (`layerSkip`). Always a chain. Each draft takes a decode call of that model per token; whether that pays
 * is the governor's to say.
 */
class ModelDrafter implements Drafter {
  readonly source: ModelDraftSource;
  readonly #follower: TextFollower;

  constructor(source: ModelDraftSource, follower: TextFollower) {
    this.source = source;
    this.#follower = follower;
  }

  propose(context: readonly TokenId[], limits: DraftLimits): Draft {
    if (context.length === 0 || limits.maxTokens <= 0) return emptyDraft;
    const { tokens, probabilities } = this.#follower.continue(context, limits);
    return tokens.length === 0 ? emptyDraft : { nodes: chainOf(tokens, probabilities) };
  }

  draftMs(context: readonly TokenId[], tokens: number): number {
    return this.#follower.expectedMs(context, tokens);
  }

  /** Nothing: the text is caught up with when a draft is wanted. */
  observe(): void {
    return;
  }

  dispose(): void {
    this.#follower.dispose();
  }
}

/** Opens a drafter for each sequence of the model that `model` drafts for. */
export function modelDrafterMaker(source: ModelDraftSource, model: DraftModel): DrafterMaker {
  return { open: () => new ModelDrafter(source, model.follow()) };
}
