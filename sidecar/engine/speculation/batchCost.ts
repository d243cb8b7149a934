/** Most tokens in one call that the curve has a size for; beyond it the last step is carried on. */
const largestSize = 160;
/** Weight of the newest call in the level of all sizes, and in the share of its own size. */
const levelWeight = 0.1;
const shareWeight = 0.1;
/** One call counts as at most this much slower or faster than expected: a scheduler hiccup must not decide. */
const mostSurprise = 1.5;

/** Level below which the curve was measured while the machine was busy. */
const disturbedLevel = 0.7;

/** Milliseconds of decode calls by their tokens, ascending, the first for one token. What is kept on disk. */
export type BatchCurve = readonly { readonly tokens: number; readonly durationMs: number }[];

/**
 * What one decode call costs by its token count: a curve measured when the model was first loaded, kept right by
 * the calls that happen anyway. A call shows how slow the machine is now (its level, common to all sizes: other load, a
 * longer context) and how its own size compares with a call of one token (its share). Between measured sizes the cost is
 * interpolated.
 */
export class BatchCost {
  #level = 1;
  /** Milliseconds at level 1 by token count; empty until a curve is known. */
  #shares: number[] = [];
  readonly #sizes: readonly number[];

  /** Without a curve no cost is known, and nothing is drafted. */
  constructor(curve: BatchCurve) {
    this.#sizes = curve.map(({ tokens }) => tokens);
    if (curve.length === 0) return;
    const shares = Array.from({ length: largestSize + 1 }, (_, n) => interpolated(curve, n));
    // A call that took longer than two others that do its work was disturbed while it was measured.
    for (let size = 2; size <= largestSize; size++) {
      for (let part = 1; part <= size / 2; part++) {
        const inTwo = (shares[part] ?? Infinity) + (shares[size - part] ?? Infinity);
        shares[size] = Math.min(shares[size] ?? Infinity, inTwo);
      }
    }
    this.#shares = shares;
  }

  /** One decode call with its sampling and statistics. Calls that also prefilled do not belong here. */
  record(tokens: number, durationMs: number): void {
    const share = this.#shares[tokens];
    if (share === undefined) return;
    const surprise = durationMs / (share * this.#level);
    const bounded = Math.min(Math.max(surprise, 1 / mostSurprise), mostSurprise);
    this.#level *= bounded ** levelWeight;
    // Sizes nearby cost much the same: what one was seen to take says something of the others, but not of a single token.
    const reach = Math.ceil(tokens / 4);
    const first = tokens === 1 ? Infinity : Math.max(2, tokens - reach);
    for (let size = first; size <= Math.min(tokens + reach, largestSize); size++) {
      const nearness = 1 - Math.abs(size - tokens) / (reach + 1);
      this.#shares[size] = (this.#shares[size] ?? share) * bounded ** (shareWeight * nearness);
    }
  }

  /** Milliseconds a call of `tokens` is expected to take; null before any cost is known. */
  expectedMs(tokens: number): number | null {
    const last = this.#shares.at(-1);
    if (last === undefined) return null;
    const share = this.#shares[tokens];
    if (share !== undefined) return share * this.#level;
    const step = last - (this.#shares.at(-2) ?? last);
    return (last + step * (tokens - largestSize)) * this.#level;
  }

  /** True when calls turned out much faster than they were measured: something disturbed the measurement. */
  get wasDisturbed(): boolean {
    return this.#level < disturbedLevel;
  }

  /** The curve as it is known by now, at the sizes it was given for. */
  curve(): BatchCurve {
    return this.#sizes.map((tokens) => ({ tokens, durationMs: this.#shares[tokens] ?? 0 }));
  }
}

/** Between two points in proportion; beyond the last with the slope of the last two. */
function interpolated(curve: BatchCurve, tokens: number): number {
  const above = Math.max(
    1,
    curve.findIndex((point) => point.tokens >= tokens),
  );
  const index = tokens > (curve.at(-1)?.tokens ?? 0) ? curve.length - 1 : above;
  const low = curve[index - 1] ?? curve[0];
  const high = curve[index] ?? low;
  if (low === undefined || high === undefined || high.tokens === low.tokens) {
    return ((low?.durationMs ?? 0) * tokens) / (low?.tokens ?? 1);
  }
  const share = (tokens - low.tokens) / (high.tokens - low.tokens);
  return low.durationMs + share * (high.durationMs - low.durationMs);
}
