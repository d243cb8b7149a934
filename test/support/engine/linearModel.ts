import type {
  BlockChanges,
  BlockObserver,
  BlockPart,
  BlockRows,
  ObservationRequest,
} from '../../../lab/observe/blockObservation.ts';
import type { LocalFacts, ModelInfo } from '../../../sidecar/engine/engine.ts';
import { uniformAt } from '../../../sidecar/numeric/random.ts';

/** Tokens shown at once. */
const batchTokens = 3;

/**
 * A residual model whose blocks have no attention and a matrix for a feed-forward part, to be observed as a real one
 * is. Its states are known in closed form, and a dropped block can be made up for exactly.
 */
export class LinearModel implements BlockObserver {
  readonly model: BlockObserver['model'];
  readonly contextTokens = 64;
  /** Every text that was read, and how far. */
  readonly reads: { readonly tokenCount: number; readonly lastBlock: number }[] = [];
  readonly #size: number;
  readonly #blocks: readonly (readonly number[])[];
  readonly #gain: number;

  /** A `gain` other than 1 scales what a block adds behind the point where it is observed. */
  constructor(options: { readonly size: number; readonly blockCount: number; readonly gain?: number }) {
    this.#size = options.size;
    this.#gain = options.gain ?? 1;
    this.#blocks = Array.from({ length: options.blockCount }, (_, block) =>
      Array.from({ length: options.size ** 2 }, (_unused, i) => uniformAt(1, block, i) - 0.5),
    );
    const local: Pick<LocalFacts, 'hiddenSize' | 'blockCount'> = {
      hiddenSize: options.size,
      blockCount: options.blockCount,
    };
    this.model = {
      // What healing asks of a model are these two numbers.
      info: { local } as ModelInfo,
      tokenize: () => Promise.resolve([]),
      renderChat: () => Promise.resolve(''),
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a rejection instead of a throw, as the seam says
  async observe(tokens: readonly number[], wish: ObservationRequest, signal: AbortSignal): Promise<void> {
    const lastBlock = Math.max(...wish.parts.map(({ block }) => block));
    this.reads.push({ tokenCount: tokens.length, lastBlock });
    for (let firstToken = 0; firstToken < tokens.length; firstToken += batchTokens) {
      signal.throwIfAborted();
      this.#compute(tokens.slice(firstToken, firstToken + batchTokens), firstToken, wish);
    }
  }

  predict(): Promise<never> {
    return Promise.reject(new Error('a linear model foretells no tokens'));
  }

  dispose(): void {
    this.reads.length = 0;
  }

  /** The last block's output for these tokens, row by row. */
  async outputs(tokens: readonly number[], changes: BlockChanges): Promise<Float32Array> {
    const block = this.#blocks.length - 1;
    const outputs = new Float32Array(tokens.length * this.#size);
    const visit = ({ values, firstToken }: BlockRows): void => {
      outputs.set(values, firstToken * this.#size);
    };
    const wish = { changes, parts: [{ block, part: 'output' as const }], visit };
    await this.observe(tokens, wish, new AbortController().signal);
    return outputs;
  }

  #compute(
    tokens: readonly number[],
    firstToken: number,
    { changes, parts, visit }: ObservationRequest,
  ): void {
    const tokenCount = tokens.length;
    const size = this.#size;
    const stream = Float32Array.from({ length: tokenCount * size }, (_, i) => {
      const token = tokens[Math.floor(i / size)] ?? 0;
      return uniformAt(2, token, i % size) - 0.5;
    });
    for (const [block, matrix] of this.#blocks.entries()) {
      const show = (part: BlockPart, values: Float32Array): void => {
        if (!parts.some((wanted) => wanted.block === block && wanted.part === part)) return;
        visit({ block, part, firstToken, tokenCount, values });
      };
      if (!changes.dropped.includes(block)) {
        show('feedForwardInput', stream);
        const added = multiply(stream, matrix, size);
        show('feedForwardOutput', added);
        changes.rewrites?.get(block)?.({
          block,
          part: 'feedForwardOutput',
          firstToken,
          tokenCount,
          values: added,
        });
        for (const [i, value] of added.entries()) stream[i] = (stream[i] ?? 0) + this.#gain * value;
      }
      show('output', stream);
    }
  }
}

function multiply(rows: Float32Array, matrix: readonly number[], size: number): Float32Array {
  return rows.map((_, i) => {
    const start = Math.floor(i / size) * size;
    let sum = 0;
    for (let k = 0; k < size; k++) sum += (rows[start + k] ?? 0) * (matrix[k * size + (i % size)] ?? 0);
    return sum;
  });
}
