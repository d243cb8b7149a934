import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { addressOf } from '../native/nativeAddress.ts';
import { captureWarnings } from '../native/nativeRuntime.ts';

/**
 * llama.cpp's id through which cells are written out and read back, which no sequence has. It must be 0: the library
 * writes the owners of a cell only for ids below `n_seq_max`, which is 1 for a unified cache.
 */
const transferCellsId = 0;

/** What copying cells asks of llama.cpp. */
export type StateLibrary = Pick<
  LlamaLibrary,
  'memory' | 'removeCells' | 'shareCells' | 'stateSize' | 'readState' | 'writeState' | 'setLog'
>;

/**
 * Copies cells out of the KV cache and back. The state of a run of positions is its keys and values as they lie in the
 * cache, keys rotated to their positions, and the cache's type: it fits a context of the same model and cache type.
 */
export class CellState {
  readonly #library: StateLibrary;
  readonly #context: Pointer;
  readonly #memory: Pointer;

  constructor(library: StateLibrary, context: Pointer) {
    this.#library = library;
    this.#context = context;
    this.#memory = library.memory(context);
  }

  /** Positions [from, to) of a sequence, also of cells that others share; null when llama.cpp cannot write them. */
  save(cellsId: number, from: number, to: number): Uint8Array | null {
    this.#library.shareCells(this.#memory, cellsId, transferCellsId, from, to);
    try {
      const bytes = new Uint8Array(new ArrayBuffer(this.#library.stateSize(this.#context, transferCellsId)));
      const written = this.#library.readState(this.#context, addressOf(bytes), bytes.length, transferCellsId);
      return written > 0 && written === bytes.length ? bytes : null;
    } finally {
      this.#library.removeCells(this.#memory, transferCellsId, 0, -1);
    }
  }

  /**
   * Gives positions [from, to) out of a saved run to a sequence. The caller has seen to free cells for the whole run.
   * False when the state does not fit this context; nothing is left of it then.
   */
  restore(bytes: Uint8Array, cellsId: number, from: number, to: number): boolean {
    try {
      // It says in the log what it finds.
      const { value: used } = captureWarnings(this.#library, () =>
        this.#library.writeState(this.#context, addressOf(bytes), bytes.length, transferCellsId),
      );
      if (used === 0) return false;
      this.#library.shareCells(this.#memory, transferCellsId, cellsId, from, to);
      return true;
    } finally {
      this.#library.removeCells(this.#memory, transferCellsId, 0, -1);
    }
  }
}
