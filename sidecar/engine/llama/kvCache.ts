import type { TokenId } from '../engine.ts';
import { KvLedger } from './kvLedger.ts';
import type { LlamaLibrary, Pointer } from './llamaBindings.ts';
import { longestPrefix, RetiredPrefixes, type PrefixHolder } from './prefixCache.ts';

/** Sequence ids that llama.cpp can tell apart in one unified cache (`LLAMA_MAX_SEQ`). */
const nativeSequenceCount = 256;
/** Decoded tokens below which a finished sequence is not worth keeping. */
const leastRetainedTokens = 8;

/**
 * The unified KV cache: llama.cpp's cells, the ledger that mirrors them, and what finished sequences leave behind.
 * Every change of cells outside a decode goes through here, so that both stay the same.
 */
export class KvCache {
  readonly #library: LlamaLibrary;
  readonly #memory: Pointer;
  readonly #ledger: KvLedger;
  readonly #retired = new RetiredPrefixes();
  readonly #freeIds: number[] = Array.from(
    { length: nativeSequenceCount },
    (_, i) => nativeSequenceCount - 1 - i,
  );

  constructor(library: LlamaLibrary, context: Pointer, contextTokens: number) {
    this.#library = library;
    this.#memory = library.memory(context);
    this.#ledger = new KvLedger(contextTokens);
  }

  get capacity(): number {
    return this.#ledger.capacity;
  }

  /** A cells id for a new sequence, holding nothing; null when 256 sequences are alive. */
  take(): number | null {
    const free = this.#freeIds.pop();
    if (free !== undefined) return free;
    return this.#evict() ? (this.#freeIds.pop() ?? null) : null;
  }

  /**
   * Shares the cells of the longest prefix of `tokens` that any sequence holds, live or retired, beyond those the
   * sequence has itself. Returns the positions it holds then.
   */
  reuse(cellsId: number, tokens: readonly TokenId[], live: Iterable<PrefixHolder>): number {
    const match = longestPrefix(tokens, [...live, ...this.#retired.holders]);
    const held = this.#ledger.length(cellsId);
    if (match === null || match.length <= held) return held;
    this.share(match.cellsId, cellsId, match.length);
    this.#retired.touch(match);
    return match.length;
  }

  /** Lets `to` share the cells of `from` from its own end up to position `end`. Copies nothing. */
  share(from: number, to: number, end: number): void {
    const held = this.#ledger.length(to);
    if (end <= held) return;
    this.#library.shareCells(this.#memory, from, to, held, end);
    this.#ledger.share(from, to, end);
  }

  /** Frees cells until `count` are free, least recently used prefixes first. False when they cannot be. */
  makeRoom(count: number): boolean {
    while (this.#ledger.freeCount < count) {
      if (!this.#evict()) return false;
    }
    return true;
  }

  /** A decode has filled cells behind the sequence's last position. */
  extend(cellsId: number, count: number): void {
    this.#ledger.extend(cellsId, count);
  }

  /** Drops the cells from position `length` on, also those that a failed decode left beyond the ledger's end. */
  truncate(cellsId: number, length: number): void {
    this.#library.removeCells(this.#memory, cellsId, length, -1);
    this.#ledger.truncate(cellsId, length);
  }

  /** The sequence is over: its cells stay as a prefix until they are needed, and its id with them. */
  retire(cellsId: number, decodedTokens: readonly TokenId[]): void {
    if (decodedTokens.length < leastRetainedTokens) {
      this.#release(cellsId);
      return;
    }
    for (const needless of this.#retired.add({ cellsId, tokens: decodedTokens })) this.#release(needless);
  }

  /** Keeps what a sequence has decoded as a prefix for others, while the sequence itself goes on without it. */
  retireCopy(cellsId: number, decodedTokens: readonly TokenId[]): void {
    const copyId = this.take();
    if (copyId === null) return;
    this.share(cellsId, copyId, decodedTokens.length);
    this.retire(copyId, decodedTokens);
  }

  /** Forgets every retired prefix. */
  forgetRetired(): void {
    while (this.#evict());
  }

  #evict(): boolean {
    const cellsId = this.#retired.evict();
    if (cellsId === null) return false;
    this.#release(cellsId);
    return true;
  }

  #release(cellsId: number): void {
    this.truncate(cellsId, 0);
    this.#freeIds.push(cellsId);
  }
}
