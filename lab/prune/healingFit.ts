import { ProductSums } from '../../sidecar/numeric/productSums.ts';
import type { BlockRows } from '../observe/blockObservation.ts';
import type { MapSums } from './linearMap.ts';

/** Rows whose products are summed in single precision before they go into the double sums. */
const batchRows = 256;

/** Where rows of a fit come from: one text's tokens, batch by batch, at the healed block and at its target. */
export interface FitRows {
  /** What the healed block's feed-forward part gives. */
  readonly feedForwardOutput: Float32Array;
  /** What that is added to. */
  readonly feedForwardInput: Float32Array;
  /** What their sum is to come near to. */
  readonly target: Float32Array;
  readonly tokenCount: number;
}

/**
 * Sums over tokens from which a healing map is solved: M is the feed-forward output, R what is missing between its
 * input and the target, and a token weighs 1/‖target‖², else the few tokens that attention rests on would rule.
 */
export class HealingFit {
  readonly #size: number;
  readonly #products: ProductSums;
  #filled = 0;
  #targetPower = 0;

  /** `wasm` is dist/transposedProduct.wasm. Takes 16·size² bytes. */
  constructor(wasm: Uint8Array<ArrayBuffer>, size: number) {
    this.#size = size;
    this.#products = new ProductSums(wasm, { rows: size, columns: 2 * size, depth: batchRows });
  }

  add({ feedForwardOutput, feedForwardInput, target, tokenCount }: FitRows): void {
    const size = this.#size;
    for (let token = 0; token < tokenCount; token++) {
      const at = token * size;
      let power = 0;
      for (let i = at; i < at + size; i++) power += (target[i] ?? 0) ** 2;
      if (power === 0) continue;
      const scale = 1 / Math.sqrt(power);
      const left = this.#products.left(this.#filled);
      const right = this.#products.right(this.#filled);
      let missing = 0;
      for (let i = 0; i < size; i++) {
        const output = (feedForwardOutput[at + i] ?? 0) * scale;
        const rest = ((target[at + i] ?? 0) - (feedForwardInput[at + i] ?? 0)) * scale;
        left[i] = output;
        right[i] = output;
        right[size + i] = rest;
        missing += rest * rest;
      }
      this.#targetPower += missing;
      this.#filled++;
      if (this.#filled === batchRows) this.#flush();
    }
  }

  sums(): MapSums {
    this.#flush();
    const size = this.#size;
    const gram = new Float64Array(size * size);
    const cross = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      const row = this.#products.sums(i);
      gram.set(row.subarray(0, size), i * size);
      cross.set(row.subarray(size), i * size);
    }
    return { size, gram, cross, targetPower: this.#targetPower };
  }

  #flush(): void {
    this.#products.add(this.#filled);
    this.#filled = 0;
  }
}

/** Puts m·T in the place of each row m of a healed block, as its folded weights would. */
export function mapRows(
  wasm: Uint8Array<ArrayBuffer>,
  size: number,
  map: Float64Array,
): (rows: BlockRows) => void {
  const tokensAtOnce = 64;
  const products = new ProductSums(wasm, { rows: tokensAtOnce, columns: size, depth: size });
  for (let k = 0; k < size; k++) products.right(k).set(map.subarray(k * size, (k + 1) * size));
  const lefts = Array.from({ length: size }, (_, k) => products.left(k));
  return ({ values, tokenCount }) => {
    for (let start = 0; start < tokenCount; start += tokensAtOnce) {
      const count = Math.min(tokensAtOnce, tokenCount - start);
      for (const [k, left] of lefts.entries()) {
        for (let token = 0; token < count; token++) left[token] = values[(start + token) * size + k] ?? 0;
      }
      products.clear();
      products.add();
      for (let token = 0; token < count; token++) values.set(products.sums(token), (start + token) * size);
    }
  };
}
