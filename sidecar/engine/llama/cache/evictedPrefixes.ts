import type { TokenId } from '../../engine.ts';
import type { CellState } from './cellState.ts';
import type { PrefixFile, PrefixFiles } from './prefixFiles.ts';
import { PrefixStore, type RunPart } from './prefixStore.ts';
import { RestoreCost } from './restoreCost.ts';

/** Most tokens of one copy: a budget that is short keeps the beginning of a long text, which more texts share. */
const pieceTokens = 512;
/** Tokens that are worth a copy: fewer are decoded anew within a step or two. */
const leastTokens = 32;

export interface EvictedDependencies {
  /** Copies cells out and back. */
  readonly state: Pick<CellState, 'save' | 'restore'>;
  /** Host memory for copies of cells, in bytes; 0 keeps none. */
  readonly budgetBytes: number;
  /** Null where nothing is kept on disk. */
  readonly files: PrefixFiles | null;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** A part of a text that can be brought back, and from where. */
export type EvictedPart =
  | { readonly source: 'memory'; readonly part: RunPart<Uint8Array> }
  | { readonly source: 'disk'; readonly part: RunPart<PrefixFile> };

/**
 * Prefixes that the KV cache had no room for, copied to host memory and, where it is switched on, to disk. They come
 * back from where that was measured to be faster than decoding them anew.
 */
export class EvictedPrefixes {
  readonly #state: EvictedDependencies['state'];
  readonly #store: PrefixStore<Uint8Array>;
  readonly #files: PrefixFiles | null;
  readonly #now: () => number;
  readonly #cost = { memory: new RestoreCost(), disk: new RestoreCost() };

  constructor({ state, budgetBytes, files, now }: EvictedDependencies) {
    this.#state = state;
    this.#store = new PrefixStore(budgetBytes);
    this.#files = files;
    this.#now = now;
  }

  /** Whether there is memory for copies, and bringing them back pays as far as is known. */
  get hasHostMemory(): boolean {
    return this.#store.budgetBytes > 0 && this.#cost.memory.restorePays;
  }

  /** What the copies in host memory take. */
  get hostBytes(): number {
    return this.#store.bytes;
  }

  /** What decoding so many prompt tokens took: what bringing them back is compared with. */
  notePrefill(tokens: number, durationMs: number): void {
    this.#cost.memory.notePrefill(tokens, durationMs);
    this.#cost.disk.notePrefill(tokens, durationMs);
  }

  /** Copies the cells of the last `tokens.length − start` tokens, which are about to be given up, unless known. */
  keep(cellsId: number, tokens: readonly TokenId[], start: number): void {
    if (tokens.length - start < leastTokens) return;
    // From the end on, so that the beginning is the most recently used.
    for (let end = tokens.length; end > start; end -= pieceTokens) {
      this.#keepPiece(cellsId, tokens.slice(0, end), Math.max(start, end - pieceTokens));
    }
  }

  #keepPiece(cellsId: number, tokens: readonly TokenId[], start: number): void {
    const count = tokens.length - start;
    const forMemory = this.hasHostMemory && !this.#store.has(tokens, start);
    const files =
      this.#cost.disk.restorePays && this.#files?.has(tokens, start) === false ? this.#files : null;
    if (!forMemory && files === null) return;
    const startedMs = this.#now();
    const content = this.#state.save(cellsId, start, tokens.length);
    if (content === null) return;
    this.#cost.memory.noteSave(count, this.#now() - startedMs);
    files?.keep(tokens, start, content);
    if (forMemory) {
      this.#store.add(tokens, { start, end: tokens.length, sizeBytes: content.length, content });
    }
  }

  /** What of `tokens` could be brought back from position `from` on, in order; empty where it does not pay. */
  parts(tokens: readonly TokenId[], from: number): readonly EvictedPart[] {
    const found: EvictedPart[] = [];
    let end = from;
    for (;;) {
      const next = this.#partsFrom(tokens, end);
      found.push(...next);
      const reached = next.at(-1)?.part.to ?? end;
      if (reached === end) break;
      end = reached;
    }
    return end - from < leastTokens ? [] : found;
  }

  /** Brings a part back to a sequence that holds all positions before it. False when it cannot be; it is gone then. */
  bringBack(evicted: EvictedPart, cellsId: number): boolean {
    const { source, part } = evicted;
    const startedMs = this.#now();
    const bytes = source === 'memory' ? part.run.content : (this.#files?.read(part) ?? null);
    if (bytes === null) return false;
    if (!this.#state.restore(bytes, cellsId, part.from, part.to)) {
      if (source === 'memory') this.#store.forget(part.run);
      else this.#files?.forget(part);
      return false;
    }
    this.#cost[source].noteRestore(part.to - part.from, this.#now() - startedMs);
    return true;
  }

  /** Forgets every copy. */
  clear(): void {
    this.#store.clear();
    this.#files?.clear();
  }

  /** Resolves when nothing is being written to disk. */
  async settled(): Promise<void> {
    await this.#files?.settled();
  }

  #partsFrom(tokens: readonly TokenId[], from: number): readonly EvictedPart[] {
    const inMemory = this.#cost.memory.restorePays ? this.#store.parts(tokens, from) : [];
    if (inMemory.length > 0) return inMemory.map((part) => ({ source: 'memory', part }));
    const onDisk = this.#cost.disk.restorePays ? (this.#files?.parts(tokens, from) ?? []) : [];
    return onDisk.map((part) => ({ source: 'disk', part }));
  }
}
