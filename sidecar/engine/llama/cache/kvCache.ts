import type { TokenId } from '../../engine.ts';
import { CellState, type StateLibrary } from './cellState.ts';
import { EvictedPrefixes } from './evictedPrefixes.ts';
import { KvLedger } from './kvLedger.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import type { PrefixFiles } from './prefixFiles.ts';
import { PrefixTree } from './prefixTree.ts';

/** Sequence ids that llama.cpp can tell apart in one unified cache (`LLAMA_MAX_SEQ`). */
const nativeSequenceCount = 256;
/** Sequences that can hold cells at once: one id is kept for copying cells out and in. */
export const sequenceLimit = nativeSequenceCount - 1;
/** Decoded tokens below which a finished sequence is not worth keeping. */
const leastRetainedTokens = 8;
/** First tokens of a text that stay when its context shifts: attention leans on them (StreamingLLM, 2309.17453). */
const keptWhenShifted = 4;
/** Part of what lies after those that one shift drops, and the fewest tokens worth the rotation of all keys. */
const droppedShare = 0.25;
const leastDroppedTokens = 16;
/** Cells given up at once, so that a generation does not ask again with each token. */
const leastEvictedTokens = 256;

/** A sequence whose cells others may share: the first `decodedCount` of its tokens, not those still pending. */
export interface PrefixHolder {
  readonly cellsId: number;
  readonly tokens: readonly TokenId[];
  readonly decodedCount: number;
}

export interface KvCacheOptions {
  readonly contextTokens: number;
  readonly hasQuantizedKeys: boolean;
  /** Host memory for prefixes that had to give up their cells, in bytes. */
  readonly hostBytes: number;
  /** The same on disk; null where nothing is kept there. */
  readonly files: PrefixFiles | null;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** What the cache asks of llama.cpp. */
export type CellLibrary = StateLibrary & Pick<LlamaLibrary, 'canShiftCells' | 'shiftCells'>;

/**
 * The unified KV cache: llama.cpp's cells, the ledger that mirrors them, the tree of the tokens they hold, and copies of
 * what had to go. Every change of cells outside a decode goes through here, so that all of them stay the same.
 */
export class KvCache {
  readonly #library: CellLibrary;
  readonly #memory: Pointer;
  readonly #ledger: KvLedger;
  readonly #tree = new PrefixTree();
  readonly #evicted: EvictedPrefixes;
  readonly #hasQuantizedKeys: boolean;
  /**
   * Sequences whose context was shifted, and the positions up to which their cells are still those of their tokens:
   * what follows was computed beside tokens that are gone, and cannot be reused as a prefix.
   */
  readonly #shifted = new Map<number, number>();
  /** Sequences that gave no numbers. */
  readonly #unsound = new Set<number>();
  #isShiftPending = false;
  /** All but 0, through which cells are copied (`cellState.ts`). */
  readonly #freeIds = Array.from({ length: sequenceLimit }, (_, i) => nativeSequenceCount - 1 - i);

  constructor(library: CellLibrary, context: Pointer, options: KvCacheOptions) {
    const { contextTokens, hostBytes, files, now } = options;
    this.#hasQuantizedKeys = options.hasQuantizedKeys;
    this.#library = library;
    this.#memory = library.memory(context);
    this.#ledger = new KvLedger(contextTokens);
    const state = new CellState(library, context);
    this.#evicted = new EvictedPrefixes({ state, budgetBytes: hostBytes, files, now });
  }

  get capacity(): number {
    return this.#ledger.capacity;
  }

  /** What copies of evicted prefixes take of host memory. */
  get evictedBytes(): number {
    return this.#evicted.hostBytes;
  }

  /** Positions that a sequence holds. */
  length(cellsId: number): number {
    return this.#ledger.length(cellsId);
  }

  /** Positions of a sequence up to the last whose cell another one holds, too. */
  sharedLength(cellsId: number): number {
    return this.#ledger.sharedLength(cellsId);
  }

  /** A cells id for a new sequence, holding nothing; null when as many as llama.cpp can tell apart are alive. */
  take(): number | null {
    const free = this.#freeIds.pop();
    if (free !== undefined) return free;
    const [oldest] = this.#tree.retired;
    if (oldest === undefined) return null;
    this.#giveUp(oldest, 0);
    return this.#freeIds.pop() ?? null;
  }

  /**
   * Gives the sequence the longest prefix of `tokens` that any sequence holds, live or retired, by sharing its cells,
   * and of the rest what copies in host memory hold, if `restores`. Returns the positions it holds then. Retired cells
   * that it does not share move into host memory, where there is some.
   */
  reuse(
    cellsId: number,
    tokens: readonly TokenId[],
    { live, restores }: { readonly live: Iterable<PrefixHolder>; readonly restores: boolean },
  ): number {
    this.#holdAll(live);
    const match = this.#tree.longest(tokens);
    if (match !== null) this.share(match.cellsId, cellsId, match.length);
    this.#hold(cellsId, tokens, this.#ledger.length(cellsId));
    this.#park();
    if (restores) this.#restore(cellsId, tokens);
    return this.#ledger.length(cellsId);
  }

  /** Lets `to` share the cells of `from` from its own end up to position `end`. Copies nothing. */
  share(from: number, to: number, end: number): void {
    const held = this.#ledger.length(to);
    if (end <= held) return;
    this.#library.shareCells(this.#memory, from, to, held, end);
    this.#ledger.share(from, to, end);
    const whole = this.#shifted.get(from);
    if (whole !== undefined && end > whole) this.#shifted.set(to, whole);
  }

  /**
   * Makes room in a sequence that holds too much: drops the oldest quarter of what lies after its first four tokens
   * and moves the rest up (StreamingLLM shape). Returns which positions went, and a count of 0 where it cannot be done:
   * cells move for everybody who holds them, so none that stay may be a living sequence's too.
   */
  shift(cellsId: number): { readonly from: number; readonly count: number } {
    const from = keptWhenShifted;
    const held = this.#ledger.length(cellsId);
    const count = Math.floor((held - from) * droppedShare);
    const end = from + count;
    const isPossible = count >= leastDroppedTokens && this.#library.canShiftCells(this.#memory);
    if (!isPossible || !this.#partFromRetired(cellsId, end)) return { from, count: 0 };
    this.#library.removeCells(this.#memory, cellsId, from, end);
    this.#library.shiftCells(this.#memory, cellsId, end, -1, -count);
    this.#ledger.remove(cellsId, from, end);
    this.#tree.truncate(cellsId, from);
    this.#shifted.set(cellsId, from);
    this.#isShiftPending = true;
    return { from, count };
  }

  /**
   * True from a shift to the next decode, which rotates the keys of all layers first. That must not be aborted: the
   * layers that were rotated already would be rotated again.
   */
  get isShiftPending(): boolean {
    return this.#isShiftPending;
  }

  /** Frees cells until `count` are free, least recently used prefixes first. False when they cannot be. */
  makeRoom(count: number): boolean {
    while (this.#ledger.freeCount < count) {
      const eviction = this.#tree.oldest(this.missing(count));
      if (eviction === null) return false;
      this.#giveUp(eviction.cellsId, eviction.length);
    }
    return true;
  }

  /** Cells to give up for `count` to be free: so many that a generation does not ask again with each token. 0 where they are. */
  missing(count: number): number {
    const missing = count - this.#ledger.freeCount;
    return missing > 0 ? Math.max(missing, leastEvictedTokens) : 0;
  }

  /**
   * Copies the cells of a living sequence from position `from` on, which is about to give them up, into host memory, where
   * there is some. Tokens that other cells hold as well, those of `live` or retired ones, are not copied.
   */
  keepCopy(cellsId: number, from: number, live: Iterable<PrefixHolder>): void {
    this.#holdAll(live);
    this.#evicted.keep(cellsId, this.#tree.tokensOf(cellsId), Math.max(from, this.#tree.soleFrom(cellsId)));
  }

  /** A decode has filled cells after the sequence's last position. */
  extend(cellsId: number, count: number): void {
    this.#ledger.extend(cellsId, count);
    this.#isShiftPending = false;
  }

  /** An id for another branch that shares the first `length` positions of `from`; null when none is free. */
  branch(from: number, length: number): number | null {
    const cellsId = this.#freeIds.pop();
    if (cellsId === undefined) return null;
    this.share(from, cellsId, length);
    return cellsId;
  }

  /**
   * A decode has filled cells of a branch: those of `from` up to position `sharedEnd`, whose rows carried both ids, and
   * `count` of its own.
   */
  extendBranch(
    cellsId: number,
    { from, sharedEnd, count }: { readonly from: number; readonly sharedEnd: number; readonly count: number },
  ): void {
    this.#ledger.share(from, cellsId, sharedEnd);
    this.#ledger.extend(cellsId, count);
  }

  /** A branch is over: its cells are free unless others hold them. */
  dropBranch(cellsId: number): void {
    this.#release(cellsId);
  }

  /** Drops the cells from position `length` on, also those that a failed decode left beyond the ledger's end. */
  truncate(cellsId: number, length: number): void {
    this.#library.removeCells(this.#memory, cellsId, length, -1);
    this.#ledger.truncate(cellsId, length);
    this.#tree.truncate(cellsId, length);
    if (length <= (this.#shifted.get(cellsId) ?? 0)) this.#shifted.delete(cellsId);
    if (length === 0) this.#unsound.delete(cellsId);
  }

  /** The sequence is over: its cells stay as a prefix until they are needed, and its id with them. */
  retire(cellsId: number, decodedTokens: readonly TokenId[]): void {
    const isUseless = this.#shifted.has(cellsId) || this.#unsound.has(cellsId);
    if (isUseless || decodedTokens.length < leastRetainedTokens) {
      this.#release(cellsId);
      return;
    }
    this.#hold(cellsId, decodedTokens, decodedTokens.length);
    for (const needless of this.#tree.retire(cellsId)) this.#release(needless);
  }

  /** Keeps what a sequence has decoded as a prefix for others, while the sequence itself goes on without it. */
  retireCopy(cellsId: number, decodedTokens: readonly TokenId[]): void {
    const copyId = this.take();
    if (copyId === null) return;
    this.share(cellsId, copyId, decodedTokens.length);
    this.retire(copyId, decodedTokens);
  }

  /** Gives up the cells of every retired prefix. */
  forgetRetired(): void {
    for (const cellsId of this.#tree.retired) this.#giveUp(cellsId, 0);
  }

  /**
   * A sequence gave values that are not numbers. Its cells serve nobody else, and since they may have come from a prefix,
   * no retired one and no copy in memory does either.
   */
  distrust(cellsId: number): void {
    this.#unsound.add(cellsId);
    this.#tree.truncate(cellsId, 0);
    for (const retired of this.#tree.retired) this.#release(retired);
    this.#evicted.clear();
  }

  /** What decoding so many prompt tokens took: the measure of what is worth copying. */
  notePrefill(tokens: number, durationMs: number): void {
    this.#evicted.notePrefill(tokens, durationMs);
  }

  /** Resolves when nothing is being written to disk. */
  settled(): Promise<void> {
    return this.#evicted.settled();
  }

  /**
   * Moves what is retired into host memory, but for what living sequences share: a decode call looks at every cell up to
   * the last one in use, whosever it is (1,500 idle cells cost the 0.5B model 5 % of its speed and the 135M 20 %), and
   * to bring a prefix back takes a hundredth of decoding it anew.
   */
  #park(): void {
    if (!this.#evicted.hasHostMemory) return;
    for (const cellsId of this.#tree.retired) this.#giveUp(cellsId, 0);
  }

  #restore(cellsId: number, tokens: readonly TokenId[]): void {
    for (const evicted of this.#evicted.parts(tokens, this.#ledger.length(cellsId))) {
      const { run, from, to } = evicted.part;
      // Bringing back takes cells for the whole run, of which the sequence keeps its part.
      if (!this.makeRoom(run.end - run.start)) return;
      if (!this.#evicted.bringBack(evicted, cellsId)) return;
      this.#ledger.extend(cellsId, to - from);
    }
  }

  #holdAll(live: Iterable<PrefixHolder>): void {
    for (const { cellsId, tokens, decodedCount } of live) this.#hold(cellsId, tokens, decodedCount);
  }

  /** Records that the sequence's cells hold its first `count` tokens, as far as they do. Costs nothing without news. */
  #hold(cellsId: number, tokens: readonly TokenId[], count: number): void {
    if (this.#unsound.has(cellsId)) return;
    const end = Math.min(count, this.#shifted.get(cellsId) ?? count);
    if (this.#tree.length(cellsId) < end) this.#tree.hold(cellsId, tokens.slice(0, end));
  }

  /**
   * Takes the cells of a sequence from `from` on from retired holders. False when living ones hold some of them, or
   * anything while keys are quantized: a shift rounds all keys of the cache again then, moved or not.
   */
  #partFromRetired(cellsId: number, from: number): boolean {
    const others = this.#hasQuantizedKeys
      ? this.#ledger.sequences.filter((other) => other !== cellsId)
      : this.#ledger.sharers(cellsId, from);
    const retired = new Set(this.#tree.retired);
    if (others.some((other) => !retired.has(other))) return false;
    for (const other of others) this.#giveUp(other, this.#hasQuantizedKeys ? 0 : from);
    return true;
  }

  /** Takes a retired holder's cells from position `length` on, after copying what no other cells hold. */
  #giveUp(cellsId: number, length: number): void {
    const kept = length < leastRetainedTokens ? 0 : length;
    this.keepCopy(cellsId, kept, []);
    if (kept === 0) this.#release(cellsId);
    else this.truncate(cellsId, kept);
  }

  #release(cellsId: number): void {
    this.truncate(cellsId, 0);
    this.#freeIds.push(cellsId);
  }
}
