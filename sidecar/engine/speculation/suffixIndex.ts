import type { TokenId } from '../engine.ts';
import type { DraftOrigin } from './drafter.ts';

/** One stream of text in the index: a prompt, the output of one sequence, or a document. Append-only. */
export interface IndexedText {
  readonly origin: DraftOrigin;
  readonly tokens: TokenId[];
  /** Tokens forgotten from its start so far: a place in it is counted from there on. */
  forgotten: number;
}

/** Where a context occurs: the text and the position of the token that follows it. */
export interface Occurrence {
  readonly text: IndexedText;
  readonly next: number;
  /** Context tokens that match, counted backwards from the end, up to the asked maximum. */
  readonly matched: number;
}

interface Entry {
  readonly text: IndexedText;
  readonly position: number;
}

/** Newest occurrences looked at per query; frequent tokens such as a line break have thousands. */
const maxOccurrences = 64;
/** Pairs of token ids packed into one exact number: vocabularies are far below this. */
const pairBase = 2 ** 22;

/**
 * Finds where the end of a context was before, in what one workspace has prompted and generated. It is the
 * suffix trie of Lookahead (arXiv 2312.12728) kept implicit: instead of nodes for every branch it holds each token
 * once, chained by its last two tokens, and a walk over the matching positions counts the same frequencies.
 * Adding costs constant time per token. Beyond `capacityTokens` the older half is forgotten.
 */
export class SuffixIndex {
  readonly #capacityTokens: number;
  readonly #texts = new Set<IndexedText>();
  #tokenCount = 0;
  readonly #byToken = new Map<number, Entry[]>();
  readonly #byPair = new Map<number, Entry[]>();

  constructor(capacityTokens: number) {
    this.#capacityTokens = capacityTokens;
  }

  get tokenCount(): number {
    return this.#tokenCount;
  }

  /** A new text that goes on from `head`, which is indexed elsewhere: only what follows it is found here. */
  open(origin: DraftOrigin, head: readonly TokenId[]): IndexedText {
    const text: IndexedText = { origin, tokens: [...head], forgotten: 0 };
    this.#attach(text);
    this.#enter(text, head.length - 1);
    return text;
  }

  append(text: IndexedText, token: TokenId): void {
    if (!this.#texts.has(text)) this.#attach(text);
    const position = text.tokens.length;
    text.tokens.push(token);
    this.#tokenCount += 1;
    this.#enter(text, position);
    if (this.#tokenCount > this.#capacityTokens) this.#forgetOlderHalf();
  }

  /** Nothing is found in the text any more. Its place is free once the index forgets its older half. */
  forget(text: IndexedText): void {
    text.forgotten += text.tokens.length;
    text.tokens.length = 0;
    this.#texts.delete(text);
  }

  /**
   * Occurrences of the longest matching end of `context`, newest first, at most 64. All have the same match
   * length, up to `maxMatched`; those that end their text, with nothing to follow, are left out.
   */
  find(context: readonly TokenId[], maxMatched: number): readonly Occurrence[] {
    const last = context.at(-1);
    if (last === undefined) return [];
    const beforeLast = context.at(-2);
    const pairs = beforeLast === undefined ? undefined : this.#byPair.get(pairKey(beforeLast, last));
    const byPair = longestMatches(pairs ?? [], context, maxMatched);
    return byPair.length > 0 ? byPair : longestMatches(this.#byToken.get(last) ?? [], context, maxMatched);
  }

  #enter(text: IndexedText, position: number): void {
    const token = text.tokens[position];
    if (token === undefined) return;
    const entry = { text, position };
    pushTo(this.#byToken, token, entry);
    const before = text.tokens[position - 1];
    if (before !== undefined) pushTo(this.#byPair, pairKey(before, token), entry);
  }

  #attach(text: IndexedText): void {
    this.#texts.add(text);
    this.#tokenCount += text.tokens.length;
  }

  /** Keeps the newest texts that fit half the capacity, the oldest of them cut to its end. */
  #forgetOlderHalf(): void {
    const newestFirst = [...this.#texts].reverse();
    this.#texts.clear();
    this.#byToken.clear();
    this.#byPair.clear();
    this.#tokenCount = 0;
    const capacity = Math.floor(this.#capacityTokens / 2);
    const kept: IndexedText[] = [];
    for (const text of newestFirst) {
      const room = capacity - this.#tokenCount;
      if (room <= 0) break;
      const forgotten = Math.max(0, text.tokens.length - room);
      text.tokens.splice(0, forgotten);
      text.forgotten += forgotten;
      this.#tokenCount += text.tokens.length;
      kept.push(text);
    }
    for (const text of kept.reverse()) {
      this.#texts.add(text);
      for (let position = 0; position < text.tokens.length; position++) this.#enter(text, position);
    }
  }
}

function longestMatches(
  entries: readonly Entry[],
  context: readonly TokenId[],
  maxMatched: number,
): readonly Occurrence[] {
  let best = 0;
  let found: Occurrence[] = [];
  const oldest = Math.max(0, entries.length - maxOccurrences);
  for (let index = entries.length - 1; index >= oldest; index--) {
    const entry = entries[index];
    if (entry === undefined || entry.position + 1 >= entry.text.tokens.length) continue;
    const matched = matchLength(entry, context, maxMatched);
    if (matched > best) {
      best = matched;
      found = [];
    }
    if (matched === best) found.push({ text: entry.text, next: entry.position + 1, matched });
  }
  return found;
}

function matchLength({ text, position }: Entry, context: readonly TokenId[], maxMatched: number): number {
  const limit = Math.min(maxMatched, context.length, position + 1);
  let matched = 0;
  while (matched < limit && text.tokens[position - matched] === context[context.length - 1 - matched])
    matched++;
  return matched;
}

function pairKey(first: TokenId, second: TokenId): number {
  return first * pairBase + second;
}

function pushTo(map: Map<number, Entry[]>, key: number, entry: Entry): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [entry]);
  else list.push(entry);
}
