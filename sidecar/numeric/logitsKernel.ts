import type { RowSums } from './tokenStatistics.ts';

/** What dist/statistics.wasm exports, see kernel/statistics.ts. Addresses are byte offsets into its memory. */
interface KernelExports {
  exponentials(input: number, count: number, output: number): void;
  analyse(logits: number, count: number, k: number, ids: number, values: number, sums: number): void;
  gather(logits: number, count: number, threshold: number, ids: number, values: number): number;
  drawAll(
    logits: number,
    count: number,
    max: number,
    inverseTemperature: number,
    uniform: number,
    blockSums: number,
    weights: number,
  ): number;
}

/** The tokens with the largest logits, in descending order. The arrays are views, valid until the next call. */
export interface LeadingLogits {
  readonly ids: Int32Array;
  readonly logits: Float32Array;
}

/** Most leading tokens that `analyse` reports. */
const maxLeading = 32;

const pageBytes = 65_536;
const lanes = 16;
const blockLogits = 1024;
const highestFloat = 3.4028234663852886e38;

/**
 * One row of logits in WASM memory and the SIMD passes over it. The memory never grows, so the row's address
 * stays what it is and native code may copy into it.
 */
export class LogitsKernel {
  readonly vocabularySize: number;
  /** Write the logits here before calling anything else. */
  readonly row: Float32Array;
  readonly #exports: KernelExports;
  readonly #paddedCount: number;
  readonly #layout: Layout;
  readonly #leadingIds: Int32Array;
  readonly #leadingLogits: Float32Array;
  readonly #sums: Float64Array;
  readonly #gatheredIds: Int32Array;
  readonly #gatheredLogits: Float32Array;

  constructor(wasm: Uint8Array<ArrayBuffer>, vocabularySize: number) {
    this.vocabularySize = vocabularySize;
    this.#paddedCount = Math.ceil(vocabularySize / lanes) * lanes;
    const layout = layOut(this.#paddedCount);
    this.#layout = layout;
    const pages = Math.ceil(layout.end / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } });
    // WebAssembly carries no signatures; `KernelExports` restates those of kernel/statistics.ts, its one source.
    this.#exports = instance.exports as unknown as KernelExports;
    const { buffer } = memory;
    this.row = new Float32Array(buffer, layout.row, vocabularySize);
    new Float32Array(buffer, layout.row, this.#paddedCount).fill(-highestFloat);
    this.#leadingIds = new Int32Array(buffer, layout.leadingIds, maxLeading);
    this.#leadingLogits = new Float32Array(buffer, layout.leadingLogits, maxLeading);
    this.#sums = new Float64Array(buffer, layout.sums, 4);
    this.#gatheredIds = new Int32Array(buffer, layout.gatheredIds, this.#paddedCount);
    this.#gatheredLogits = new Float32Array(buffer, layout.gatheredLogits, this.#paddedCount);
  }

  /** The sums that every statistic follows from, and the `count` (1…32) leading tokens. One pass over the row. */
  analyse(count: number): { readonly sums: RowSums; readonly leading: LeadingLogits } {
    const k = Math.min(Math.max(count, 1), maxLeading, this.vocabularySize);
    const { row, leadingIds, leadingLogits, sums } = this.#layout;
    this.#exports.analyse(row, this.#paddedCount, k, leadingIds, leadingLogits, sums);
    const [max = NaN, weight = NaN, first = NaN, second = NaN] = this.#sums;
    return {
      sums: { max, weight, first, second },
      leading: { ids: this.#leadingIds.subarray(0, k), logits: this.#leadingLogits.subarray(0, k) },
    };
  }

  /** Every token whose logit is at or above the threshold, in order of id. */
  gather(threshold: number): LeadingLogits {
    const { row, gatheredIds, gatheredLogits } = this.#layout;
    const count = this.#exports.gather(row, this.vocabularySize, threshold, gatheredIds, gatheredLogits);
    return { ids: this.#gatheredIds.subarray(0, count), logits: this.#gatheredLogits.subarray(0, count) };
  }

  /** A token drawn from softmax(logits / temperature) over the whole vocabulary by one uniform number in [0, 1). */
  draw(max: number, temperature: number, uniform: number): number {
    const { row, blockSums, weights } = this.#layout;
    // Finite in single precision: the most likely token's distance of 0 times infinity would be no number.
    const rate = Math.min(1 / temperature, highestFloat);
    return this.#exports.drawAll(row, this.#paddedCount, max, rate, uniform, blockSums, weights);
  }

  /** exp of the first `count` numbers of the row (each at most 0), as the passes compute it. For tests. */
  exponentials(count: number): Float32Array {
    const padded = Math.ceil(count / 4) * 4;
    this.#exports.exponentials(this.#layout.row, padded, this.#layout.gatheredLogits);
    return this.#gatheredLogits.slice(0, count);
  }
}

interface Layout {
  readonly row: number;
  readonly leadingIds: number;
  readonly leadingLogits: number;
  readonly sums: number;
  readonly gatheredIds: number;
  readonly gatheredLogits: number;
  readonly blockSums: number;
  readonly weights: number;
  readonly end: number;
}

/** Places of the kernel's arrays in its memory, each at a multiple of 64 bytes. */
function layOut(paddedCount: number): Layout {
  let next = 64;
  const take = (bytes: number): number => {
    const at = next;
    next += Math.ceil(bytes / 64) * 64;
    return at;
  };
  const row = take(paddedCount * 4);
  const leadingIds = take(maxLeading * 4);
  const leadingLogits = take(maxLeading * 4);
  const sums = take(4 * 8);
  const gatheredIds = take(paddedCount * 4);
  const gatheredLogits = take(paddedCount * 4);
  const blockSums = take(Math.ceil(paddedCount / blockLogits) * 8);
  const weights = take(blockLogits * 4);
  return {
    row,
    leadingIds,
    leadingLogits,
    sums,
    gatheredIds,
    gatheredLogits,
    blockSums,
    weights,
    end: next,
  };
}
