import type { TokenId } from '../../engine.ts';
import { endOf, RadixTree, type RadixNode } from './radixTree.ts';

export interface PrefixMatch {
  readonly cellsId: number;
  readonly length: number;
}

/** What is to be given up next: the holder keeps its first `length` positions, and the id too if there are any. */
export interface Eviction {
  readonly cellsId: number;
  readonly length: number;
}

type HolderNode = RadixNode<Set<number>>;

/**
 * Which tokens the cells of which sequence hold: a radix tree whose nodes count their holders, live sequences and
 * retired ones alike. The longest prefix of a text that any of them holds is found in as many steps as it has tokens.
 * Retired holders are given up from their ends on, the least recently used end first. Pure; a holder is its cells id.
 */
export class PrefixTree {
  readonly #tree = new RadixTree<Set<number>>(new Set(), (holders) => new Set(holders));
  /** Where each holder's tokens end. */
  readonly #ends = new Map<number, HolderNode>();
  readonly #retired = new Set<number>();
  #stamp = 0;

  /** Tokens that a holder is known to hold. */
  length(cellsId: number): number {
    const end = this.#ends.get(cellsId);
    return end === undefined ? 0 : endOf(end);
  }

  /** Those tokens themselves. */
  tokensOf(cellsId: number): readonly TokenId[] {
    const runs: (readonly TokenId[])[] = [];
    let node = this.#ends.get(cellsId) ?? null;
    for (; node !== null; node = node.parent) runs.push(node.tokens);
    return runs.reverse().flat();
  }

  /**
   * Records that the holder's cells have these tokens: those it had already, and more. Only what is new is looked at, so
   * that updating the tree after each decode costs what was decoded.
   */
  hold(cellsId: number, tokens: readonly TokenId[]): void {
    let node = this.#ends.get(cellsId) ?? this.#tree.root;
    let length = endOf(node);
    if (tokens.length <= length) return;
    this.#stamp += 1;
    const match = this.#tree.match(tokens, node);
    for (const passed of match.path) {
      node = match.length < endOf(passed) ? this.#tree.split(passed, match.length) : passed;
      this.#enter(node, cellsId);
    }
    ({ length } = match);
    if (length < tokens.length) {
      const rest = tokens.slice(length);
      const isOwnLeaf = node.parent !== null && node.children.size === 0 && node.value.size === 1;
      if (isOwnLeaf) this.#tree.lengthen(node, rest);
      else node = this.#tree.addLeaf(node, rest, new Set());
      this.#enter(node, cellsId);
    }
    this.#ends.set(cellsId, node);
  }

  /** The holder lets go of every token from `length` on. */
  truncate(cellsId: number, length: number): void {
    let node = this.#ends.get(cellsId);
    if (node === undefined) return;
    while (node.parent !== null && node.start >= length) {
      node.value.delete(cellsId);
      if (node.value.size === 0) this.#tree.remove(node);
      node = node.parent;
    }
    if (node.parent === null) {
      this.#ends.delete(cellsId);
      this.#retired.delete(cellsId);
      return;
    }
    if (endOf(node) > length) {
      if (node.value.size === 1) this.#tree.shorten(node, length);
      else {
        const upper = this.#tree.split(node, length);
        node.value.delete(cellsId);
        node = upper;
      }
    }
    this.#ends.set(cellsId, node);
  }

  /** The holder with the longest common prefix with `tokens`, which counts as used; null when no first token agrees. */
  longest(tokens: readonly TokenId[]): PrefixMatch | null {
    const { path, length } = this.#tree.match(tokens);
    this.#stamp += 1;
    // Only the first tokens of a node that is shared in part were used; the next text to continue from there splits it.
    for (const node of path) if (endOf(node) <= length) node.usedAt = this.#stamp;
    const [cellsId] = path.at(-1)?.value ?? [];
    return cellsId === undefined ? null : { cellsId, length };
  }

  /**
   * The holder's sequence is over: what it holds is the most recently used, and may be given up. Returns the retired
   * holders that are needless now because another retired one holds all of theirs: its own when it is one itself.
   */
  retire(cellsId: number): readonly number[] {
    const end = this.#ends.get(cellsId);
    if (end === undefined) return [cellsId];
    this.#stamp += 1;
    const needless: number[] = [];
    for (let node: HolderNode | null = end; node !== null; node = node.parent) {
      node.usedAt = this.#stamp;
      for (const other of node.value) {
        if (other === cellsId || !this.#retired.has(other)) continue;
        if (node === end) return [cellsId];
        if (this.#ends.get(other) === node) needless.push(other);
      }
    }
    this.#retired.add(cellsId);
    return needless;
  }

  /** From which position on nobody else holds the holder's tokens; its length where somebody holds all of them. */
  soleFrom(cellsId: number): number {
    let from = this.length(cellsId);
    let node = this.#ends.get(cellsId) ?? null;
    for (; node?.value.size === 1; node = node.parent) from = node.start;
    return from;
  }

  /** Every retired holder, the least recently used end first. */
  get retired(): readonly number[] {
    const usedAt = (cellsId: number): number => this.#ends.get(cellsId)?.usedAt ?? 0;
    return [...this.#retired].sort((a, b) => usedAt(a) - usedAt(b));
  }

  /**
   * What to give up for about `count` cells: the end of the least recently used retired holder, `count` tokens of it or
   * all up to where others part from it. Null when nothing is retired. Changes nothing.
   */
  oldest(count: number): Eviction | null {
    let oldest: { readonly cellsId: number; readonly end: HolderNode } | null = null;
    for (const cellsId of this.#retired) {
      const end = this.#ends.get(cellsId);
      if (end !== undefined && (oldest === null || end.usedAt < oldest.end.usedAt)) oldest = { cellsId, end };
    }
    if (oldest === null) return null;
    const { cellsId, end } = oldest;
    const length = Math.max(end.start, endOf(end) - count);
    // Where another retired holder goes on, it holds what would be left.
    const isHeldBeside =
      length === end.start &&
      [...(end.parent?.value ?? [])].some((other) => other !== cellsId && this.#retired.has(other));
    return { cellsId, length: isHeldBeside ? 0 : length };
  }

  #enter(node: HolderNode, cellsId: number): void {
    node.value.add(cellsId);
    node.usedAt = this.#stamp;
  }
}
