import type { TokenId } from '../../engine.ts';
import type { LlamaLibrary } from './llamaBindings.ts';
import type { NativeBatch, Pointer } from './llamaStructs.ts';
import { addressOf } from './nativeAddress.ts';

/** How a native decode ended. `aborted` may leave cells, the other failures leave none. */
export type DecodeOutcome = 'done' | 'noCells' | 'aborted' | 'failed';

/** Sequence ids that one row can carry. */
export const mostIds = 4;

/** The arrays of a `llama_batch`, allocated once. Fill with `add`, decode, then read rows. */
export class DecodeBatch {
  readonly capacity: number;
  readonly #tokens: Int32Array;
  readonly #positions: Int32Array;
  readonly #sequenceCounts: Int32Array;
  /** `mostIds` places for each token. */
  readonly #sequences: Int32Array;
  readonly #sequencePointers: BigUint64Array;
  readonly #outputs: Int8Array;
  readonly #native: NativeBatch;
  #count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    // Explicit buffers: a short typed array without one lives in the JavaScript heap, where it may move.
    this.#tokens = new Int32Array(new ArrayBuffer(capacity * 4));
    this.#positions = new Int32Array(new ArrayBuffer(capacity * 4));
    this.#sequenceCounts = new Int32Array(new ArrayBuffer(capacity * 4)).fill(1);
    this.#sequences = new Int32Array(new ArrayBuffer(capacity * mostIds * 4));
    this.#sequencePointers = new BigUint64Array(new ArrayBuffer(capacity * 8));
    this.#outputs = new Int8Array(new ArrayBuffer(capacity));
    const sequences = addressOf(this.#sequences);
    this.#sequencePointers.forEach((_, i, pointers) => {
      pointers[i] = sequences + BigInt(i * mostIds * 4);
    });
    this.#native = {
      n_tokens: 0,
      token: addressOf(this.#tokens),
      embd: null,
      pos: addressOf(this.#positions),
      n_seq_id: addressOf(this.#sequenceCounts),
      seq_id: addressOf(this.#sequencePointers),
      logits: addressOf(this.#outputs),
    };
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Adds a token and returns its row; `wantsLogits` makes the row readable after the decode. */
  add(token: TokenId, position: number, cellsId: number, wantsLogits: boolean): number {
    const row = this.#count;
    this.#tokens[row] = token;
    this.#positions[row] = position;
    this.#sequences[row * mostIds] = cellsId;
    this.#sequenceCounts[row] = 1;
    this.#outputs[row] = wantsLogits ? 1 : 0;
    this.#count += 1;
    return row;
  }

  /** Lets another sequence hold a row's cell too: the row is part of several branches. At most 4 hold one. */
  alsoIn(row: number, cellsId: number): void {
    const count = this.#sequenceCounts[row] ?? 0;
    if (count >= mostIds) throw new Error('A row of a batch carries at most 4 sequence ids.');
    this.#sequences[row * mostIds + count] = cellsId;
    this.#sequenceCounts[row] = count + 1;
  }

  decode(library: LlamaLibrary, context: Pointer): DecodeOutcome {
    this.#native.n_tokens = this.#count;
    return outcomeOf(library.decode(context, this.#native));
  }

  /** The same on a thread of the pool. Leave batch and context alone until it is done. */
  async decodeBeside(library: LlamaLibrary, context: Pointer): Promise<DecodeOutcome> {
    this.#native.n_tokens = this.#count;
    return outcomeOf(await library.decodeBeside(context, this.#native));
  }
}

function outcomeOf(code: number): DecodeOutcome {
  switch (code) {
    case 0:
      return 'done';
    case 1:
      return 'noCells';
    case 2:
      return 'aborted';
    default:
      return 'failed';
  }
}
