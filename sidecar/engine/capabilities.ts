import { isDeepStrictEqual } from 'node:util';
import type { ThinkingFormat } from '../../protocol/thinking.ts';

/**
 * What an engine can do with one model. Strategies and selectors never ask which engine they have: `fitCapabilities.ts`
 * compares what they need with this.
 */
export interface Capabilities {
  /**
   * `ids` where tokens are the model's own. `text` where the engine only knows texts: its ids name pieces that it cut
   * itself, so counts are estimates, and joined pieces give the text back.
   */
  readonly tokens: 'ids' | 'text';
  /** Whether text can be continued that begins with any prefix; otherwise only a whole conversation gets an answer. */
  readonly continues: boolean;
  /** Whether a step's entropy is exact over the whole vocabulary, or an interval (see `boundedEntropy.ts`). */
  readonly entropy: 'exact' | 'bounded';
  /** Most alternatives of a step, 0…20. With 0 a step has no probabilities at all: its interval is as wide as can be. */
  readonly alternatives: number;
  /** What can be asked of the generated text: any GBNF grammar, one of a list of texts, or nothing. */
  readonly constraint: Constraint;
  /** Values of a `lastHiddenState`: as many as `LocalFacts.hiddenSize` in most models; null for an engine that gives none. */
  readonly hiddenState: number | null;
  /** Whether a fork shares what was read before it, or sends the whole text again with each generation. */
  readonly fork: 'shared' | 'replayed';
  /** Whether a seed decides the draws. */
  readonly seed: boolean;
  /** What the template says of a thinking mode; null for a model without one. */
  readonly thinking: ThinkingFormat | null;
}

/** What both of two engines can do with one model. Pure. */
export function commonCapabilities(one: Capabilities, other: Capabilities): Capabilities {
  return {
    tokens: one.tokens === 'ids' ? other.tokens : 'text',
    continues: one.continues && other.continues,
    entropy: one.entropy === 'exact' ? other.entropy : 'bounded',
    alternatives: Math.min(one.alternatives, other.alternatives),
    constraint: constraints.find((each) => each === one.constraint || each === other.constraint) ?? 'none',
    hiddenState: one.hiddenState === other.hiddenState ? one.hiddenState : null,
    fork: one.fork === 'shared' ? other.fork : 'replayed',
    seed: one.seed && other.seed,
    thinking: isDeepStrictEqual(one.thinking, other.thinking) ? one.thinking : null,
  };
}

/** From the weakest on. */
const constraints = ['none', 'choice', 'grammar'] as const;

export type Constraint = 'none' | 'choice' | 'grammar';

/**
 * How a model thinks whose texts can be continued inside a thought; null for all others: their thoughts are in words, or a part
 * of one text that nothing can be put into.
 */
export function ownThinking({
  thinking,
  continues,
}: Pick<Capabilities, 'thinking' | 'continues'>): ThinkingFormat | null {
  return continues ? thinking : null;
}

/** Capabilities of every model that runs on this machine, without those that depend on its file. Everything is exact. */
export const localCapabilities = {
  tokens: 'ids',
  continues: true,
  entropy: 'exact',
  alternatives: 20,
  constraint: 'grammar',
  fork: 'shared',
  seed: true,
} as const;
