import type { TokenId } from '../engine.ts';
import { CopyTracker, type CopiedToken } from './copyTracker.ts';
import { DraftTree, type Guess } from './draftTree.ts';
import type { Draft, Drafter, DraftLimits, DraftOrigin } from './drafter.ts';
import { EditRules } from './editRules.ts';
import type { IndexedText, Occurrence, SuffixIndex } from './suffixIndex.ts';

/** Longest end of the context compared; beyond it a match says no more. */
const maxMatchedTokens = 64;
/** Matching tokens from which on a text counts as being copied, and from which on nothing else is thought of. */
const copiedTokens = 4;
const certainTokens = 12;
/** A weak match does not justify a long draft: looking further costs time at every step and never pays. */
const tokensPerMatched = 4;

/**
 * Drafts by recalling what followed the same words before, in the prompt, in documents and in earlier output of the
 * workspace (arXiv 2312.12728). The longest match counts, then what the sequence is copying at the moment, prompts before
 * outputs, the more frequent continuation, the newer. What it says otherwise is a second branch. A look-up of some
 * microseconds.
 */
export class TrieDrafter implements Drafter {
  readonly source = 'trie';
  readonly #index: SuffixIndex;
  readonly #rules = new EditRules();
  #text: IndexedText | null = null;
  /** Length of the context that `#text` ends with; a sequence that was cut back starts a new text. */
  #observedLength = 0;
  #copy: CopyTracker | null = null;
  #found: { readonly length: number; readonly occurrences: readonly Occurrence[] } | null = null;

  constructor(index: SuffixIndex) {
    this.#index = index;
  }

  propose(context: readonly TokenId[], { maxTokens, branches, leastConfidence }: DraftLimits): Draft {
    const copy = this.#copy;
    const tree = new DraftTree();
    if (copy !== null && !copy.isAstray && (branches === 1 || copy.matched >= certainTokens)) {
      tree.add(copy.expected(maxTokens).map(copyGuess));
      return { nodes: tree.nodes() };
    }
    const occurrences = this.#find(context);
    const recalledMatch = occurrences[0]?.matched ?? 0;
    const reach = (matched: number): number => Math.min(maxTokens, tokensPerMatched * (matched + 1));
    const recalled = mostFrequentContinuation(occurrences, reach(recalledMatch), leastConfidence);
    const copied = copy === null ? [] : copy.expected(reach(copy.matched)).map(copyGuess);
    const isCopying = copy?.hasLead === true && (!copy.isAstray || recalledMatch < copiedTokens);
    const chains = isCopying ? [copied, recalled] : [recalled, copied];
    for (const chain of chains.filter(({ length }) => length > 0).slice(0, branches)) tree.add(chain);
    return { nodes: tree.nodes() };
  }

  draftMs(): number {
    return 0;
  }

  observe(context: readonly TokenId[], from: number, origin: DraftOrigin): void {
    const continues = this.#text?.origin === origin && this.#observedLength === from;
    const head = context.slice(Math.max(0, from - maxMatchedTokens), from);
    const text = continues && this.#text !== null ? this.#text : this.#index.open(origin, head);
    if (origin !== 'output' || !continues) this.#copy = null;
    for (const token of context.slice(from)) {
      this.#index.append(text, token);
      this.#copy?.follow(token);
    }
    this.#text = text;
    this.#observedLength = context.length;
    this.#found = null;
    if (origin === 'output') this.#settle(context);
  }

  dispose(): void {
    // The index keeps the text for the sequences to come.
    this.#text = null;
    this.#copy = null;
  }

  /** Begins to follow the text that the output agrees with, or another where it agrees with that one better. */
  #settle(context: readonly TokenId[]): void {
    if (this.#copy?.isLost === true) this.#copy = null;
    if (this.#copy !== null && !this.#copy.isAstray) return;
    const [best] = this.#find(context);
    if (best === undefined || best.matched < copiedTokens || best.matched <= (this.#copy?.matched ?? 0))
      return;
    this.#copy = new CopyTracker(best.text, best.next, {
      matched: best.matched,
      rules: this.#rules,
      isOwn: best.text === this.#text,
    });
  }

  /** What was found last is kept for the step: a text is looked at when it grows and when its draft is asked for. */
  #find(context: readonly TokenId[]): readonly Occurrence[] {
    if (this.#found?.length === context.length) return this.#found.occurrences;
    const occurrences = this.#index.find(context, maxMatchedTokens);
    const given = occurrences.filter(({ text }) => text.origin !== 'output');
    const found = given.length > 0 ? given : occurrences;
    this.#found = { length: context.length, occurrences: found };
    return found;
  }
}

function copyGuess({ token, reason }: CopiedToken): Guess {
  switch (reason.type) {
    case 'copy':
      // The rule of succession: what went well so many times goes well once more.
      return {
        token,
        confidence: (reason.matched + 1) / (reason.matched + 2),
        grounds: `copy ${bucketOf(reason.matched)}`,
      };
    case 'resume':
      return {
        token,
        confidence: (reason.matched + 1) / (reason.matched + 3),
        grounds: `resume ${bucketOf(reason.matched)}`,
      };
    case 'rule':
      return { token, confidence: reason.confidence, grounds: `rule ${Math.floor(reason.confidence * 5)}` };
  }
}

/** Follows the occurrences token by token, keeping with the majority; of equally frequent ones, with the newest. */
function mostFrequentContinuation(
  occurrences: readonly Occurrence[],
  maxTokens: number,
  leastConfidence: number,
): readonly Guess[] {
  const guesses: Guess[] = [];
  let alive = occurrences;
  const matched = occurrences[0]?.matched ?? 0;
  let reach = 1;
  while (guesses.length < maxTokens && reach >= leastConfidence) {
    const depth = guesses.length;
    const counts = new Map<TokenId, number>();
    for (const { text, next } of alive) {
      const token = text.tokens[next + depth];
      if (token !== undefined) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    let winner: readonly [TokenId, number] | null = null;
    for (const entry of counts) if (winner === null || entry[1] > winner[1]) winner = entry;
    if (winner === null) break;
    const [token, count] = winner;
    const share = count / alive.length;
    const agreement = alive.length === 1 ? 'alone' : share > 0.9 ? 'agreed' : 'split';
    const confidence = (share * (matched + depth)) / (matched + depth + 2);
    reach *= confidence;
    guesses.push({ token, confidence, grounds: `recall ${bucketOf(matched + depth)} ${agreement}` });
    alive = alive.filter(({ text, next }) => text.tokens[next + depth] === token);
  }
  return guesses;
}

/** Matches of similar length are judged together: each up to 3, then by ranges that grow by half. */
function bucketOf(matched: number): number {
  if (matched <= 3) return matched;
  return 3 + Math.min(6, Math.floor(Math.log(matched / 3) / Math.log(1.6)) + 1);
}
