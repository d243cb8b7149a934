/**
 * Who holds which cells of the unified KV cache: the same bookkeeping as llama.cpp's, so that it is known before
 * a decode whether its cells will fit. A cell is shared by all sequences that were forked over it and free when
 * the last of them lets go. Pure; sequences are llama.cpp's sequence ids.
 */
export class KvLedger {
  readonly capacity: number;
  readonly #holders: Int32Array;
  readonly #freeCells: number[];
  readonly #cells = new Map<number, number[]>();

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#holders = new Int32Array(capacity);
    this.#freeCells = Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
  }

  get freeCount(): number {
    return this.#freeCells.length;
  }

  /** Positions held for a sequence; they always start at 0. */
  length(sequence: number): number {
    return this.#cells.get(sequence)?.length ?? 0;
  }

  /** Takes new cells after the last position. The caller has checked `freeCount`. */
  extend(sequence: number, count: number): void {
    const cells = this.#cellsOf(sequence);
    for (let i = 0; i < count; i++) {
      const cell = this.#freeCells.pop();
      if (cell === undefined)
        throw new Error('The KV cache has fewer free cells than its ledger was asked for.');
      this.#holders[cell] = 1;
      cells.push(cell);
    }
  }

  /** Lets `to` hold the cells of `from` at the positions from its own length up to `end`. */
  share(from: number, to: number, end: number): void {
    const source = this.#cellsOf(from);
    const target = this.#cellsOf(to);
    for (const cell of source.slice(target.length, end)) {
      this.#holders[cell] = (this.#holders[cell] ?? 0) + 1;
      target.push(cell);
    }
  }

  /** Lets go of every position from `length` on. */
  truncate(sequence: number, length: number): void {
    this.remove(sequence, length, Infinity);
  }

  /** Lets go of positions [from, to); those after them move up. */
  remove(sequence: number, from: number, to: number): void {
    const cells = this.#cells.get(sequence);
    if (cells === undefined) return;
    for (const cell of cells.splice(from, to - from)) {
      const holders = (this.#holders[cell] ?? 0) - 1;
      this.#holders[cell] = holders;
      if (holders === 0) this.#freeCells.push(cell);
    }
    if (cells.length === 0) this.#cells.delete(sequence);
  }

  /** The other sequences that hold any of a sequence's cells at positions from `from` on. */
  sharers(sequence: number, from: number): readonly number[] {
    const shared = new Set(
      this.#cells
        .get(sequence)
        ?.slice(from)
        .filter((cell) => this.#holders[cell] !== 1),
    );
    if (shared.size === 0) return [];
    return [...this.#cells]
      .filter(([other, cells]) => other !== sequence && cells.some((cell) => shared.has(cell)))
      .map(([other]) => other);
  }

  /** Positions of a sequence up to the last whose cell another one holds, too. */
  sharedLength(sequence: number): number {
    const cells = this.#cells.get(sequence) ?? [];
    return cells.findLastIndex((cell) => this.#holders[cell] !== 1) + 1;
  }

  /** Sequences that hold cells. */
  get sequences(): readonly number[] {
    return [...this.#cells.keys()];
  }

  #cellsOf(sequence: number): number[] {
    const known = this.#cells.get(sequence);
    if (known !== undefined) return known;
    const cells: number[] = [];
    this.#cells.set(sequence, cells);
    return cells;
  }
}
