import type { CellLibrary } from '../../../sidecar/engine/llama/cache/kvCache.ts';
import type { Pointer } from '../../../sidecar/engine/llama/native/llamaStructs.ts';

/** Bytes that the state of a cell takes here. */
const cellBytes = 16;

interface Cell {
  readonly token: number;
}

/** The cells of llama.cpp as its API describes them: by sequence, what stands at each position. Shared cells are one object. */
export class NativeCells implements CellLibrary {
  readonly #sequences = new Map<number, Map<number, Cell>>();
  readonly #states = new Map<Pointer, readonly (readonly [position: number, cell: Cell])[]>();

  memory(): null {
    return null;
  }

  removeCells(_memory: unknown, sequence: number, from: number): boolean {
    const cells = this.#cellsOf(sequence);
    for (const position of [...cells.keys()]) if (position >= from) cells.delete(position);
    return true;
  }

  shareCells(_memory: unknown, from: number, to: number, start: number, end: number): void {
    for (const [position, cell] of this.#cellsOf(from)) {
      if (position >= start && position < end) this.#cellsOf(to).set(position, cell);
    }
  }

  /** No cells are moved here. */
  canShiftCells(): boolean {
    return false;
  }

  shiftCells(): never {
    throw new Error('These cells cannot be moved.');
  }

  stateSize(_context: unknown, sequence: number): number {
    return this.#cellsOf(sequence).size * cellBytes;
  }

  /** What a state holds is remembered by where it lies, as long as nothing else is written there. */
  readState(_context: unknown, target: Pointer, bytes: number, sequence: number): number {
    this.#states.set(target, [...this.#cellsOf(sequence)]);
    return bytes;
  }

  writeState(_context: unknown, source: Pointer, bytes: number, sequence: number): number {
    const state = this.#states.get(source);
    if (state === undefined) return 0;
    for (const [position, { token }] of state) this.fill(token, position, [sequence]);
    return bytes;
  }

  setLog(): void {
    // Nothing is logged.
  }

  fill(token: number, position: number, sequences: readonly number[]): void {
    const cell = { token };
    for (const sequence of sequences) this.#cellsOf(sequence).set(position, cell);
  }

  /** Tokens of a sequence by position; throws where a position is missing. */
  textOf(sequence: number): readonly number[] {
    const cells = this.#cellsOf(sequence);
    return Array.from({ length: cells.size }, (_, position) => {
      const cell = cells.get(position);
      if (cell === undefined) throw new Error(`sequence ${sequence} has no cell at ${position}`);
      return cell.token;
    });
  }

  get usedCount(): number {
    return new Set([...this.#sequences.values()].flatMap((cells) => [...cells.values()])).size;
  }

  #cellsOf(sequence: number): Map<number, Cell> {
    const known = this.#sequences.get(sequence);
    if (known !== undefined) return known;
    const cells = new Map<number, Cell>();
    this.#sequences.set(sequence, cells);
    return cells;
  }
}
