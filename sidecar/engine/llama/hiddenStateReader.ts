import { decodeFailed } from './contextErrors.ts';
import { DecodeBatch } from './decodeBatch.ts';
import type { KvCache } from './kvCache.ts';
import { readEmbedding, type CLibrary } from './nativeMemory.ts';
import type { LlamaLibrary } from './llamaBindings.ts';
import type { Pointer } from './llamaStructs.ts';
import { captureWarnings } from './nativeRuntime.ts';
import type { SequenceStore } from './sequenceStore.ts';

export interface HiddenStateParts {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly context: Pointer;
  readonly cache: KvCache;
  readonly sequences: SequenceStore;
  readonly hiddenSize: number;
}

/**
 * Reads what the last layer gives at the last token of a sequence, behind the final norm, which is what the model's
 * output matrix is multiplied with.
 *
 * That token waits for the step that needs its logits, so it is decoded here once more, in a call of its own: with
 * embeddings on, llama.cpp computes outputs for every token of a batch, and no prompt should pay for that. Its cell is
 * dropped again, and the sequence stays as it was.
 */
export class HiddenStateReader {
  readonly #parts: HiddenStateParts;
  readonly #batch = new DecodeBatch(1);

  constructor(parts: HiddenStateParts) {
    this.#parts = parts;
  }

  /**
   * Takes one decode step. Null for an empty sequence, where no cell is free, and for a model that llama.cpp gives no
   * states of single tokens for. Only between two rounds, and while nothing runs on the sequence.
   */
  read(sequenceId: number): Float32Array | null {
    const { library, cLibrary, context, cache, sequences, hiddenSize } = this.#parts;
    const { tokens, decodedCount, cellsId } = sequences.idle(sequenceId);
    const last = tokens.at(-1);
    if (last === undefined || !cache.makeRoom(1)) return null;
    this.#batch.clear();
    this.#batch.add(last, decodedCount, cellsId, true);
    this.#setEmbeddings(true);
    try {
      if (this.#batch.decode(library, context) !== 'done') throw decodeFailed();
      const state = new Float32Array(new ArrayBuffer(hiddenSize * 4));
      return readEmbedding({ library, cLibrary, context }, 0, state) ? state : null;
    } finally {
      this.#setEmbeddings(false);
      cache.truncate(cellsId, decodedCount);
    }
  }

  /** llama.cpp says in its log that it does so. */
  #setEmbeddings(isOn: boolean): void {
    const { library, context } = this.#parts;
    captureWarnings(library, () => {
      library.setEmbeddings(context, isOn);
    });
  }
}
