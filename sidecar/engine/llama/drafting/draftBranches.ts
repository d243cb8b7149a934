import { commonPrefixLength } from '../../../numeric/commonPrefixLength.ts';
import type { TokenId } from '../../engine.ts';
import type { DraftNode } from '../../speculation/drafter.ts';
import type { KvCache } from '../cache/kvCache.ts';
import type { SequenceState } from '../decoding/sequenceState.ts';
import { type DecodeBatch, mostIds } from '../native/decodeBatch.ts';

/** Most branches of one draft. */
export const mostBranches = mostIds;

interface Branch {
  readonly cellsId: number;
  /** Indices of the nodes on its way from the context to its end. */
  readonly path: readonly number[];
  /** How many of them it shares with the branch before it. */
  readonly shared: number;
}

/**
 * A draft in the batch and in the cache: one llama.cpp sequence id for each branch, the first branch under the sequence's
 * own, so that every token attends to its own branch alone. A row of several branches carries all their ids. Once the
 * decode is done, `extend` updates the ledger; `settle` keeps the branch that the text took and frees the rest. A decode that
 * failed is undone by `drop`.
 */
export class DraftBranches {
  /** As many of the draft's nodes, in its order, as there were ids for. */
  readonly nodes: readonly DraftNode[];
  readonly #cache: KvCache;
  readonly #branches: readonly Branch[];
  /** Token at position `#start` that waits for its decode. */
  readonly #pending: TokenId;
  /** Positions decoded before. */
  readonly #start: number;

  /** Takes an id for each further branch after what the sequence holds. They are owned until `settle` or `drop`. */
  constructor(
    cache: KvCache,
    { cellsId, tokens, decodedCount: start }: Pick<SequenceState, 'cellsId' | 'tokens' | 'decodedCount'>,
    draft: readonly DraftNode[],
  ) {
    this.#cache = cache;
    this.#start = start;
    this.#pending = tokens[start] ?? 0;
    const branches: Branch[] = [];
    let end = draft.length;
    for (const path of pathsOf(draft)) {
      const before = branches.at(-1);
      const id =
        before === undefined ? cellsId : branches.length < mostBranches ? cache.branch(cellsId, start) : null;
      if (id === null) {
        end = path.find((node, depth) => node !== before?.path[depth]) ?? end;
        break;
      }
      branches.push({ cellsId: id, path, shared: commonPrefixLength(path, before?.path ?? []) });
    }
    this.#branches = branches;
    this.nodes = draft.slice(0, end);
  }

  /** Positions that the sequence's own branch takes up: the pending token and the first branch. */
  get ownLength(): number {
    return 1 + (this.#branches[0]?.path.length ?? 0);
  }

  /** Adds the pending token and every node, in order: a node's row is the pending token's plus 1 plus its index. */
  add(batch: Pick<DecodeBatch, 'add' | 'alsoIn'>): void {
    const ids = this.#branches.map(({ cellsId }) => cellsId);
    const [own = 0] = ids;
    const pendingRow = batch.add(this.#pending, this.#start, own, true);
    for (const id of ids.slice(1)) batch.alsoIn(pendingRow, id);
    for (const [index, { token }] of this.nodes.entries()) {
      const holders = this.#branches.filter(({ path }) => path.includes(index));
      const depth = holders[0]?.path.indexOf(index) ?? 0;
      const row = batch.add(token, this.#start + 1 + depth, holders[0]?.cellsId ?? own, true);
      for (const { cellsId } of holders.slice(1)) batch.alsoIn(row, cellsId);
    }
  }

  /** Index of the guess of `token` after node `reached` (−1 is the pending token); null where there is none. */
  childOf(reached: number, token: TokenId): number | null {
    for (let index = reached + 1; index < this.nodes.length; index++) {
      const node = this.nodes[index];
      if (node?.parent === reached && node.token === token) return index;
    }
    return null;
  }

  /** The decode is done: the ledger learns who holds which cells. */
  extend(): void {
    let before: Branch | null = null;
    for (const branch of this.#branches) {
      if (before === null) this.#cache.extend(branch.cellsId, this.ownLength);
      else {
        const sharedEnd = this.#start + 1 + branch.shared;
        this.#cache.extendBranch(branch.cellsId, {
          from: before.cellsId,
          sharedEnd,
          count: branch.path.length - branch.shared,
        });
      }
      before = branch;
    }
  }

  /**
   * Keeps the cells up to node `reached` (−1 for none of them) under the sequence's own id and frees all others.
   * Returns the positions that it holds then.
   */
  settle(reached: number): number {
    const [own] = this.#branches;
    if (own === undefined) return this.#start;
    const winner = this.#branches.find(({ path }) => path.includes(reached)) ?? own;
    const depth = winner.path.indexOf(reached);
    const end = this.#start + 2 + depth;
    const common = Math.min(commonPrefixLength(winner.path, own.path), depth + 1);
    this.#cache.truncate(own.cellsId, this.#start + 1 + common);
    this.#cache.share(winner.cellsId, own.cellsId, end);
    this.#free();
    return end;
  }

  /** Undoes a decode that was not completed, or that never was. */
  drop(): void {
    const [own] = this.#branches;
    if (own !== undefined) this.#cache.truncate(own.cellsId, this.#start);
    this.#free();
  }

  #free(): void {
    for (const { cellsId } of this.#branches.slice(1)) this.#cache.dropBranch(cellsId);
  }
}

/** For each end of a tree in depth-first order, the nodes from its root to it. An empty draft has one empty branch. */
function pathsOf(nodes: readonly DraftNode[]): readonly (readonly number[])[] {
  const paths: number[][] = [];
  let path: number[] = [];
  for (const [index, { parent }] of nodes.entries()) {
    if (parent !== index - 1) {
      paths.push(path);
      path = path.slice(0, path.indexOf(parent) + 1);
    }
    path = [...path, index];
  }
  paths.push(path);
  return paths;
}
