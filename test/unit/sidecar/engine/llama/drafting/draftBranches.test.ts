import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KvCache } from '../../../../../../sidecar/engine/llama/cache/kvCache.ts';
import { DraftBranches } from '../../../../../../sidecar/engine/llama/drafting/draftBranches.ts';
import type { DraftNode } from '../../../../../../sidecar/engine/speculation/drafter.ts';
import { NativeCells } from '../../../../../support/engine/nativeCells.ts';

/** Rows as they would be decoded. */
class Rows {
  readonly rows: { readonly token: number; readonly position: number; readonly sequences: number[] }[] = [];

  add(token: number, position: number, cellsId: number): number {
    return this.rows.push({ token, position, sequences: [cellsId] }) - 1;
  }

  alsoIn(row: number, cellsId: number): void {
    this.rows[row]?.sequences.push(cellsId);
  }
}

const capacity = 256;

function nodesOf(parents: readonly number[]): readonly DraftNode[] {
  return parents.map((parent, index) => ({ token: 100 + index, parent, confidence: 0.5, grounds: '' }));
}

/** A cache with a sequence of `length` decoded tokens and one that waits. */
function prepared(length: number) {
  const native = new NativeCells();
  const cache = new KvCache(native, null, {
    contextTokens: capacity,
    hasQuantizedKeys: false,
    hostBytes: 0,
    files: null,
    now: () => 0,
  });
  const cellsId = cache.take() ?? NaN;
  const tokens = Array.from({ length: length + 1 }, (_, n) => n);
  for (const token of tokens.slice(0, length)) native.fill(token, token, [cellsId]);
  cache.extend(cellsId, length);
  return { native, cache, cellsId, tokens, decodedCount: length };
}

function decoded(native: NativeCells, branches: DraftBranches): Rows {
  const rows = new Rows();
  branches.add(rows);
  for (const { token, position, sequences } of rows.rows) native.fill(token, position, sequences);
  branches.extend();
  return rows;
}

/** Free cells that the ledger knows of, counted by asking for them. */
function freeCells(cache: KvCache): number {
  let free = capacity;
  while (!cache.makeRoom(free)) free -= 1;
  return free;
}

/** Trees in depth-first order: each node follows one of those on the way to the node before it. */
const trees = fc.array(fc.nat(), { maxLength: 24 }).map((choices) => {
  const parents: number[] = [];
  let way: number[] = [-1];
  for (const [index, choice] of choices.entries()) {
    // Most nodes go on; some start a branch further up.
    const depth = choice % 4 === 0 ? (choice >> 2) % way.length : way.length - 1;
    parents.push(way[depth] ?? -1);
    way = [...way.slice(0, depth + 1), index];
  }
  return parents;
});

describe('DraftBranches', () => {
  it('gives every branch an id of its own and a row of several branches all of theirs', () => {
    const sequence = prepared(3);
    const branches = new DraftBranches(sequence.cache, sequence, nodesOf([-1, 0, 1, 0, -1]));
    const { rows } = decoded(sequence.native, branches);
    const [own = NaN, second = NaN, third = NaN] = rows[0]?.sequences ?? [];
    expect(own).toBe(sequence.cellsId);
    expect(rows).toEqual([
      { token: 3, position: 3, sequences: [own, second, third] },
      { token: 100, position: 4, sequences: [own, second] },
      { token: 101, position: 5, sequences: [own] },
      { token: 102, position: 6, sequences: [own] },
      { token: 103, position: 5, sequences: [second] },
      { token: 104, position: 4, sequences: [third] },
    ]);
    expect(sequence.native.textOf(second)).toEqual([0, 1, 2, 3, 100, 103]);
  });

  it('finds the guess of a token behind a node, and none where another was guessed', () => {
    const sequence = prepared(3);
    const branches = new DraftBranches(sequence.cache, sequence, nodesOf([-1, 0, 0, -1]));
    expect(branches.childOf(-1, 103)).toBe(3);
    expect(branches.childOf(0, 102)).toBe(2);
    expect(branches.childOf(0, 103)).toBeNull();
    expect(branches.childOf(3, 101)).toBeNull();
    branches.drop();
  });

  it('keeps what the text took, cell for cell, and frees all the rest: ledger and library agree', () => {
    fc.assert(
      fc.property(trees, fc.nat(), fc.nat(30), (parents, choice, length) => {
        const sequence = prepared(length);
        const { native, cache, cellsId, tokens } = sequence;
        const branches = new DraftBranches(cache, sequence, nodesOf(parents));
        decoded(native, branches);
        const reached = (choice % (branches.nodes.length + 1)) - 1;
        const way: number[] = [];
        for (let node = reached; node >= 0; node = branches.nodes[node]?.parent ?? -1)
          way.unshift(100 + node);
        const kept = branches.settle(reached);
        expect(kept).toBe(length + 1 + way.length);
        expect(native.textOf(cellsId)).toEqual([...tokens, ...way]);
        expect(native.usedCount).toBe(kept);
        expect(freeCells(cache)).toBe(capacity - kept);
        cache.retire(cellsId, []);
        expect(freeCells(cache)).toBe(capacity);
        expect(native.usedCount).toBe(0);
      }),
    );
  });

  it('leaves everything as it was when the decode failed, whatever it had filled', () => {
    fc.assert(
      fc.property(trees, fc.nat(30), fc.nat(), (parents, length, filled) => {
        const sequence = prepared(length);
        const { native, cache, cellsId, tokens } = sequence;
        const branches = new DraftBranches(cache, sequence, nodesOf(parents));
        const rows = new Rows();
        branches.add(rows);
        for (const { token, position, sequences } of rows.rows.slice(0, filled % (rows.rows.length + 1))) {
          native.fill(token, position, sequences);
        }
        branches.drop();
        expect(native.textOf(cellsId)).toEqual(tokens.slice(0, length));
        expect(native.usedCount).toBe(length);
        expect(freeCells(cache)).toBe(capacity - length);
      }),
    );
  });

  it('drafts fewer branches where ids run out, and none of their nodes are left over', () => {
    const sequence = prepared(2);
    while (sequence.cache.branch(sequence.cellsId, 0) !== null);
    const branches = new DraftBranches(sequence.cache, sequence, nodesOf([-1, 0, 0, -1]));
    expect(branches.nodes).toEqual(nodesOf([-1, 0]));
    const wide = prepared(2);
    const many = new DraftBranches(wide.cache, wide, nodesOf([-1, -1, -1, -1, -1, -1]));
    expect(many.nodes).toHaveLength(4);
    many.drop();
    expect(freeCells(wide.cache)).toBe(capacity - 2);
  });
});
