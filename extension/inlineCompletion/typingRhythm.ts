/** Gaps between keys that are looked at. */
const gapCount = 8;
/** A longer gap is a pause: the key after it belongs to no rhythm. */
const pauseMs = 1000;
/** After so many typical gaps without a key the next one is not imminent. */
const patience = 1.5;
/** Requests whose latency is looked at. */
const latencyCount = 5;

/**
 * How long to wait before a completion is asked for. Another key is likely for about one and a half of the typical gap, and what
 * the engine takes to answer passes meanwhile anyway. Times are in milliseconds, of any one clock. Pure.
 */
export class TypingRhythm {
  #lastKeyMs: number | null = null;
  readonly #gaps: number[] = [];
  readonly #latencies: number[] = [];

  key(atMs: number): void {
    const gap = this.#lastKeyMs === null ? Infinity : atMs - this.#lastKeyMs;
    this.#lastKeyMs = atMs;
    if (gap > pauseMs) this.#gaps.length = 0;
    else remember(this.#gaps, gap, gapCount);
  }

  /** From a request to the first text that could be shown. */
  answered(latencyMs: number): void {
    remember(this.#latencies, latencyMs, latencyCount);
  }

  /**
   * 0 for the first key after a pause; never more than `longestMs`. `expectedMs` is what a request is taken to need before any was
   * answered.
   */
  waitMs(nowMs: number, longestMs: number, expectedMs = 0): number {
    if (this.#lastKeyMs === null || this.#gaps.length === 0) return 0;
    const latency = this.#latencies.length === 0 ? expectedMs : median(this.#latencies);
    const wanted = patience * median(this.#gaps) - latency - (nowMs - this.#lastKeyMs);
    return Math.min(Math.max(0, wanted), longestMs);
  }
}

function remember(values: number[], value: number, limit: number): void {
  values.push(value);
  if (values.length > limit) values.shift();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
