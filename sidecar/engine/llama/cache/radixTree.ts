import type { TokenId } from '../../engine.ts';

/** A run of tokens that everything below it starts with; the root has none. Its shape is changed by the tree alone. */
export interface RadixNode<Value> {
  /** Null for the root. */
  parent: RadixNode<Value> | null;
  /** Tokens before this node's own. */
  start: number;
  tokens: TokenId[];
  readonly children: Map<TokenId, RadixNode<Value>>;
  value: Value;
  /** Stamp of the latest use. Both this and the value are the owner's to set. */
  usedAt: number;
}

/** Where a text leaves the tree: the nodes it passes, from the top, and how many tokens it shares with the last. */
export interface RadixMatch<Value> {
  readonly path: readonly RadixNode<Value>[];
  /** Tokens shared in all. */
  readonly length: number;
}

/**
 * A radix tree over token ids: every node carries a run of tokens and a value. Looking a text up costs as many steps
 * as tokens agree, however many texts are in the tree. Pure; what the values mean is the owner's affair.
 */
export class RadixTree<Value> {
  readonly root: RadixNode<Value>;
  readonly #halfOf: (value: Value) => Value;

  /** `halfOf` makes the value of a new upper node out of that of the node that was split. */
  constructor(rootValue: Value, halfOf: (value: Value) => Value) {
    this.root = {
      parent: null,
      start: 0,
      tokens: [],
      children: new Map(),
      value: rootValue,
      usedAt: 0,
    };
    this.#halfOf = halfOf;
  }

  /** Follows a text down from a node that it is known to pass, the root unless given. */
  match(tokens: readonly TokenId[], from: RadixNode<Value> = this.root): RadixMatch<Value> {
    const path: RadixNode<Value>[] = [];
    let node = from;
    let length = endOf(from);
    for (;;) {
      const first = tokens[length];
      const child = first === undefined ? undefined : node.children.get(first);
      if (child === undefined) return { path, length };
      path.push(child);
      let shared = 1;
      while (shared < child.tokens.length && child.tokens[shared] === tokens[length + shared]) shared += 1;
      length += shared;
      if (shared < child.tokens.length) return { path, length };
      node = child;
    }
  }

  /** A new leaf below a node, which has no child that begins with the same token. */
  addLeaf(parent: RadixNode<Value>, tokens: readonly TokenId[], value: Value): RadixNode<Value> {
    const [first] = tokens;
    if (first === undefined || parent.children.has(first)) {
      throw new Error(
        'A leaf of the radix tree must begin with a token that its siblings do not begin with.',
      );
    }
    const leaf = {
      parent,
      start: endOf(parent),
      tokens: [...tokens],
      children: new Map(),
      value,
      usedAt: 0,
    };
    parent.children.set(first, leaf);
    return leaf;
  }

  /** Adds tokens to the end of a leaf. */
  lengthen(leaf: RadixNode<Value>, tokens: readonly TokenId[]): void {
    if (leaf.children.size > 0 || leaf.parent === null) throw new Error('Only a leaf can become longer.');
    for (const token of tokens) leaf.tokens.push(token);
  }

  /**
   * Cuts a node so that a node ends `length` tokens into the text, strictly inside it, and returns that one. The node
   * itself keeps what is below, so that who holds it still holds its end.
   */
  split(lower: RadixNode<Value>, length: number): RadixNode<Value> {
    const [first] = lower.tokens;
    const { parent } = lower;
    const count = length - lower.start;
    if (parent === null || first === undefined || count <= 0 || count >= lower.tokens.length) {
      throw new Error('A node of the radix tree can be split only between two of its tokens.');
    }
    const upper: RadixNode<Value> = {
      parent,
      start: lower.start,
      tokens: lower.tokens.slice(0, count),
      children: new Map(),
      value: this.#halfOf(lower.value),
      usedAt: lower.usedAt,
    };
    lower.tokens = lower.tokens.slice(count);
    lower.start = length;
    lower.parent = upper;
    const [next] = lower.tokens;
    if (next !== undefined) upper.children.set(next, lower);
    parent.children.set(first, upper);
    return upper;
  }

  /** Shortens a leaf so that it ends `length` tokens into the text, strictly inside it. */
  shorten(leaf: RadixNode<Value>, length: number): void {
    const count = length - leaf.start;
    if (leaf.children.size > 0 || count <= 0 || count > leaf.tokens.length) {
      throw new Error('Only a leaf can become shorter, and keeps a token at least.');
    }
    leaf.tokens.length = count;
  }

  /** Takes a node and all below it out of the tree. */
  remove(node: RadixNode<Value>): void {
    const [first] = node.tokens;
    if (node.parent === null || first === undefined) throw new Error('The root of the radix tree stays.');
    node.parent.children.delete(first);
  }

  /** The nodes without children, the root excepted. */
  *leaves(): Generator<RadixNode<Value>> {
    const open: RadixNode<Value>[] = [...this.root.children.values()];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.children.size === 0) yield node;
      else open.push(...node.children.values());
    }
  }
}

/** Tokens of a text up to and with a node. */
export function endOf<Value>(node: RadixNode<Value>): number {
  return node.start + node.tokens.length;
}
