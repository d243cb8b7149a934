import type { TokenId } from '../engine/engine.ts';
import type { Draft, Drafter, DraftLimits, DraftOrigin } from './drafter.ts';
import { chainOf } from './drafter.ts';
import type { IndexedText, Occurrence, SuffixIndex } from './suffixIndex.ts';

/** Longest end of the context compared; beyond it a match says no more. */
const maxMatchedTokens = 16;
/**
 * Drafts by recalling what followed the same words before, in the prompt and in earlier output of the workspace
 * (arXiv 2312.12728). The longest match counts, prompts before outputs, then the more frequent continuation, then
 * the newer. A look-up of
 * some microseconds.
 */
export class TrieDrafter implements Drafter {
  readonly source = 'trie';
  readonly #index: SuffixIndex;
  #text: IndexedText | null = null;
  /** Length of the context that `#text` ends with; a sequence that was cut back starts a new text. */
  #observedLength = 0;

  constructor(index: SuffixIndex) {
    this.#index = index;
  }

  propose(context: readonly TokenId[], { maxTokens }: DraftLimits): Draft {
    const occurrences = this.#index.find(context, maxMatchedTokens);
    const prompts = occurrences.filter((occurrence) => occurrence.text.origin === 'prompt');
    const { tokens, shares } = mostFrequentContinuation(
      prompts.length > 0 ? prompts : occurrences,
      maxTokens,
    );
    return { nodes: chainOf(tokens, shares), evidence: occurrences[0]?.matched ?? 0 };
  }

  draftMs(): number {
    return 0;
  }

  observe(context: readonly TokenId[], from: number, origin: DraftOrigin): void {
    const continues = this.#text?.origin === origin && this.#observedLength === from;
    const head = context.slice(Math.max(0, from - maxMatchedTokens), from);
    const text = continues && this.#text !== null ? this.#text : this.#index.open(origin, head);
    for (const token of context.slice(from)) this.#index.append(text, token);
    this.#text = text;
    this.#observedLength = context.length;
  }

  dispose(): void {
    // The index keeps the text for the sequences to come.
    this.#text = null;
  }
}

interface Continuation {
  readonly tokens: readonly TokenId[];
  /** Share of the occurrences still followed that go on with each token. */
  readonly shares: readonly number[];
}

/** Follows the occurrences token by token, keeping with the majority; of equally frequent ones, with the newest. */
function mostFrequentContinuation(occurrences: readonly Occurrence[], maxTokens: number): Continuation {
  const tokens: TokenId[] = [];
  const shares: number[] = [];
  let alive = occurrences;
  while (tokens.length < maxTokens) {
    const counts = new Map<TokenId, number>();
    for (const { text, next } of alive) {
      const token = text.tokens[next + tokens.length];
      if (token !== undefined) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    const winner = [...counts].reduce<readonly [TokenId, number] | null>(
      (best, entry) => (best === null || entry[1] > best[1] ? entry : best),
      null,
    );
    if (winner === null) break;
    const depth = tokens.length;
    const before = alive.length;
    alive = alive.filter(({ text, next }) => text.tokens[next + depth] === winner[0]);
    shares.push(alive.length / before);
    tokens.push(winner[0]);
  }
  return { tokens, shares };
}
