import type { ModelDraftSource } from '../../protocol/traceEvent.ts';
import type { TokenId } from '../engine/engine.ts';
import type { DraftCost } from './draftCost.ts';
import {
  chainOf,
  emptyDraft,
  type Draft,
  type Drafter,
  type DrafterMaker,
  type DraftLimits,
} from './drafter.ts';

/** What a draft model would write next, with its own probability of each token; empty where it has nothing yet. */
export interface Continuation {
  readonly tokens: readonly TokenId[];
  readonly probabilities: readonly number[];
}

/** A draft model on the track of one text. */
export interface TextFollower {
  /** Tokens at the start of `context` that it need not decode again; below `context.length`. Costs a comparison. */
  knownTokens(context: readonly TokenId[]): number;
  /**
   * Catches up with `context` and goes on from it, greedily. A long way is made in several calls, all but the last of
   * which return nothing.
   */
  continue(context: readonly TokenId[], limits: Omit<DraftLimits, 'branches'>): Continuation;
  dispose(): void;
}

/** A second model that writes what the first may say. */
export interface DraftModel {
  readonly cost: DraftCost;
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
  readonly #cost: DraftCost;

  constructor(source: ModelDraftSource, follower: TextFollower, cost: DraftCost) {
    this.source = source;
    this.#follower = follower;
    this.#cost = cost;
  }

  propose(context: readonly TokenId[], limits: DraftLimits): Draft {
    if (context.length === 0 || limits.maxTokens <= 0) return emptyDraft;
    const { tokens, probabilities } = this.#follower.continue(context, limits);
    return tokens.length === 0 ? emptyDraft : { nodes: chainOf(tokens, probabilities), evidence: 1 };
  }

  draftMs(context: readonly TokenId[], tokens: number): number {
    return this.#cost.draftMs(context.length - this.#follower.knownTokens(context), tokens);
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
  return { open: () => new ModelDrafter(source, model.follow(), model.cost) };
}
