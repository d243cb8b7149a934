import type { TokenId } from '../../engine.ts';
import { endOf, RadixTree, type RadixNode } from './radixTree.ts';

/** State of a run of cells outside the KV cache: positions [start, end) of a text, in memory or in a file. */
export interface StoredRun<Content> {
  readonly start: number;
  readonly end: number;
  readonly sizeBytes: number;
  readonly content: Content;
}

/** The part of a stored run that a text can use: positions [from, to). */
export interface RunPart<Content> {
  readonly run: StoredRun<Content>;
  readonly from: number;
  readonly to: number;
}

type StoreNode<Content> = RadixNode<StoredRun<Content> | null>;

/**
 * Runs of cells that the KV cache had no room for, under a byte budget, by the tokens they hold and all tokens
 * before them. Tokens that two texts start with are kept once. The least recently used go first. Pure.
 */
export class PrefixStore<Content> {
  readonly budgetBytes: number;
  readonly #tree = new RadixTree<StoredRun<Content> | null>(null, (run) => run);
  /** How many nodes lie in each run: the tree splits them, and several texts may need one. */
  readonly #nodeCounts = new Map<StoredRun<Content>, number>();
  readonly #onDrop: (content: Content) => void;
  #bytes = 0;
  #stamp = 0;

  /** `onDrop` gets what no text can use any more. */
  constructor(budgetBytes: number, onDrop: (content: Content) => void = () => undefined) {
    this.budgetBytes = budgetBytes;
    this.#onDrop = onDrop;
  }

  /** Bytes of all runs. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a run of so many bytes could be kept at all. */
  canKeep(bytes: number): boolean {
    return bytes <= this.budgetBytes;
  }

  /** Whether positions from `start` to the end of `tokens` are all here. They count as used. */
  has(tokens: readonly TokenId[], start: number): boolean {
    return this.parts(tokens, start).at(-1)?.to === tokens.length;
  }

  /** Keeps a run that ends where `tokens` do, where it holds what no other does; forgets others for the budget. */
  add(tokens: readonly TokenId[], run: StoredRun<Content>): void {
    this.#stamp += 1;
    if (this.canKeep(run.sizeBytes) && run.start < run.end) this.#place(run, tokens);
    if (!this.#nodeCounts.has(run)) {
      this.#onDrop(run.content);
      return;
    }
    this.#bytes += run.sizeBytes;
    while (this.#bytes > this.budgetBytes && this.#dropOldest());
  }

  /**
   * What of `tokens` can be restored without a gap from position `from` on, in order: each part begins where the one
   * before ends. They count as used.
   */
  parts(tokens: readonly TokenId[], from: number): readonly RunPart<Content>[] {
    const { path, length } = this.#tree.match(tokens);
    this.#stamp += 1;
    const parts: RunPart<Content>[] = [];
    for (const node of path) {
      node.usedAt = this.#stamp;
      const to = Math.min(endOf(node), length);
      if (to <= from) continue;
      const run = node.value;
      if (run === null) break;
      const last = parts.at(-1);
      if (last?.run === run) parts[parts.length - 1] = { ...last, to };
      else parts.push({ run, from: last?.to ?? from, to });
    }
    return parts;
  }

  /** A run proved useless: it is not offered again. */
  forget(run: StoredRun<Content>): void {
    for (const node of [...this.#nodes()]) if (node.value === run) this.#clear(node);
    this.#prune();
  }

  /** Drops everything. */
  clear(): void {
    while (this.#dropOldest());
  }

  /** Gives the nodes of a run's tokens to it, but for those that another run has already. */
  #place(run: StoredRun<Content>, tokens: readonly TokenId[]): void {
    const { path, length } = this.#tree.match(tokens);
    let node: StoreNode<Content> = this.#tree.root;
    for (const passed of path) {
      node = length < endOf(passed) ? this.#split(passed, length) : passed;
      if (node.start < run.start && run.start < endOf(node)) {
        this.#split(node, run.start).usedAt = this.#stamp;
      }
      node.usedAt = this.#stamp;
      if (node.start >= run.start) this.#give(node, run);
    }
    if (length < run.start) {
      node = this.#tree.addLeaf(node, tokens.slice(length, run.start), null);
      node.usedAt = this.#stamp;
    }
    const reached = Math.max(length, run.start);
    if (reached === tokens.length) return;
    const leaf = this.#tree.addLeaf(node, tokens.slice(reached), null);
    leaf.usedAt = this.#stamp;
    this.#give(leaf, run);
  }

  #give(node: StoreNode<Content>, run: StoredRun<Content>): void {
    if (node.value !== null) return;
    node.value = run;
    this.#nodeCounts.set(run, (this.#nodeCounts.get(run) ?? 0) + 1);
  }

  #split(node: StoreNode<Content>, length: number): StoreNode<Content> {
    const upper = this.#tree.split(node, length);
    const run = node.value;
    if (run !== null) this.#nodeCounts.set(run, (this.#nodeCounts.get(run) ?? 0) + 1);
    return upper;
  }

  #dropOldest(): boolean {
    let oldest: StoreNode<Content> | null = null;
    for (const leaf of this.#tree.leaves()) {
      if (oldest === null || leaf.usedAt < oldest.usedAt) oldest = leaf;
    }
    if (oldest === null) return false;
    this.#clear(oldest);
    this.#tree.remove(oldest);
    this.#prune();
    return true;
  }

  #clear(node: StoreNode<Content>): void {
    const run = node.value;
    if (run === null) return;
    node.value = null;
    const left = (this.#nodeCounts.get(run) ?? 0) - 1;
    if (left > 0) {
      this.#nodeCounts.set(run, left);
      return;
    }
    this.#nodeCounts.delete(run);
    this.#bytes -= run.sizeBytes;
    this.#onDrop(run.content);
  }

  /** Takes out nodes that lead to no run any more. */
  #prune(): void {
    for (const leaf of [...this.#tree.leaves()]) {
      let node: StoreNode<Content> = leaf;
      while (node.parent !== null && node.value === null && node.children.size === 0) {
        this.#tree.remove(node);
        node = node.parent;
      }
    }
  }

  *#nodes(): Generator<StoreNode<Content>> {
    const open: StoreNode<Content>[] = [this.#tree.root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      yield node;
      open.push(...node.children.values());
    }
  }
}
