import { decodeFailed } from '../native/contextErrors.ts';
import { DecodeBatch } from '../native/decodeBatch.ts';
import type { KvCache } from '../cache/kvCache.ts';
import { readEmbedding, readLogits, type CLibrary } from '../native/nativeMemory.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import type { SequenceStore } from './sequenceStore.ts';
import type { StateOutputs } from './stateOutputs.ts';

export interface HiddenStateDependencies {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly context: Pointer;
  readonly cache: KvCache;
  readonly sequences: SequenceStore;
  readonly stateOutputs: StateOutputs;
  /** As in `ModelInfo`. */
  readonly stateSize: number | null;
  readonly vocabularySize: number;
}

/**
 * Reads what the last layer gives at the last token of a sequence, after the final norm, which is what the model's
 * output matrix is multiplied with.
 *
 * That token waits for the step that needs its logits, so it is decoded here in a call of its own: with embeddings on,
 * llama.cpp computes outputs for every token of a batch, and no prompt should pay for that. The call is not one more: its
 * logits are kept, and the generation that follows, or each of those that are forked off, draws its first token from
 * them instead of decoding the token again.
 */
export class HiddenStateReader {
  readonly #dependencies: HiddenStateDependencies;
  readonly #batch = new DecodeBatch(1);

  constructor(dependencies: HiddenStateDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Takes one decode step, which the next generation then need not take. Null for an empty sequence, where no cell is
   * free or some had to be given up, and for a model that llama.cpp gives no states of single tokens for. Only between
   * two rounds, and while nothing runs on the sequence.
   */
  read(sequenceId: number): Float32Array | null {
    const { library, cLibrary, context, cache, sequences, stateOutputs, stateSize, vocabularySize } =
      this.#dependencies;
    const sequence = sequences.idle(sequenceId);
    if (stateSize === null) return null;
    if (sequence.ahead !== null) return sequence.ahead.state;
    const { tokens, decodedCount, cellsId } = sequence;
    const last = tokens.at(-1);
    const isReady = decodedCount === tokens.length - 1;
    if (last === undefined || !isReady || !cache.makeRoom(1)) return null;
    this.#batch.clear();
    this.#batch.add(last, decodedCount, cellsId, true);
    stateOutputs.set(true);
    let isKept = false;
    try {
      if (this.#batch.decode(library, context) !== 'done') throw decodeFailed();
      // Explicit buffers: native code writes to where they lie.
      const state = new Float32Array(new ArrayBuffer(stateSize * 4));
      if (!readEmbedding({ library, cLibrary, context }, 0, state)) return null;
      const logits = new Float32Array(new ArrayBuffer(vocabularySize * 4));
      if (!readLogits({ library, cLibrary, context }, 0, logits)) throw decodeFailed();
      sequences.cells.keepAhead(sequence, { state, logits });
      isKept = true;
      return state;
    } finally {
      stateOutputs.set(false);
      if (!isKept) cache.truncate(cellsId, decodedCount);
    }
  }
}
