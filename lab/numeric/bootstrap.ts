import { uniformAt } from '../../sidecar/numeric/random.ts';

/** A figure with its 95 % interval. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export const resampleCount = 2000;
const coverage = 0.95;
/** Keeps the draws of resamples apart from whatever else a seed decides. */
const drawStream = 0x6b00;

/**
 * Resamples of `count` items with replacement, the same for the same seed, so that figures over the same items are
 * resampled alike. Items are what is independent: questions, not the answers that several seeds gave to one.
 */
export class Resamples {
  readonly #draws: readonly Int32Array[];
  readonly #all: Int32Array;

  constructor(count: number, seed: number) {
    this.#all = Int32Array.from({ length: count }, (_, index) => index);
    this.#draws = Array.from({ length: count === 0 ? 0 : resampleCount }, (_, resample) =>
      Int32Array.from({ length: count }, (_item, draw) =>
        Math.floor(uniformAt(seed, drawStream + resample, draw) * count),
      ),
    );
  }

  /**
   * Percentile interval of a statistic that is computed from item numbers, which may repeat. Null where there are no
   * items, or where the statistic is not finite over all of them or at an end of the interval.
   */
  interval(statistic: (items: Int32Array) => number): Interval | null {
    const values = this.#draws.map(statistic).sort((a, b) => a - b);
    const tail = (1 - coverage) / 2;
    const interval = {
      estimate: statistic(this.#all),
      low: values[Math.floor(tail * values.length)] ?? NaN,
      high: values[Math.ceil((1 - tail) * values.length) - 1] ?? NaN,
    };
    return Object.values(interval).every(Number.isFinite) ? interval : null;
  }
}

/** Mean of the chosen items' values. */
export function meanOf(values: readonly number[]): (items: Int32Array) => number {
  return (items) => sumOf(values, items) / items.length;
}

/** Sum of the chosen items' `parts` over the sum of their `wholes`. */
export function ratioOf(parts: readonly number[], wholes: readonly number[]): (items: Int32Array) => number {
  return (items) => sumOf(parts, items) / sumOf(wholes, items);
}

function sumOf(values: readonly number[], items: Int32Array): number {
  let sum = 0;
  for (const item of items) sum += values[item] ?? 0;
  return sum;
}
