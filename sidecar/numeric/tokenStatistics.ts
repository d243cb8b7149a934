/**
 * Sums over a row of logits l with largest logit m: `weight` Σ exp(l−m), `first` Σ exp(l−m)·(l−m),
 * `second` Σ exp(l−m)·(l−m)².
 */
export interface RowSums {
  readonly max: number;
  readonly weight: number;
  readonly first: number;
  readonly second: number;
}

/** Shape of a distribution in natural logarithms. */
export interface DistributionShape {
  /** log Σ exp l: a token's logprob is its logit less this. */
  readonly logNormalizer: number;
  /** −Σ p log p. */
  readonly entropyNats: number;
  /** Σ p (log p + H)², the variance of the surprise. */
  readonly varentropy: number;
}

/**
 * Entropy and varentropy from the sums of one pass: with d = l − m and Z = Σ exp d, log p = d − log Z, so
 * H = log Z − E[d] and the variance of log p is E[d²] − E[d]². Rounding below zero is cut off.
 */
export function shapeOf(sums: RowSums): DistributionShape {
  const logWeight = Math.log(sums.weight);
  const mean = sums.first / sums.weight;
  return {
    logNormalizer: sums.max + logWeight,
    entropyNats: Math.max(0, logWeight - mean),
    varentropy: Math.max(0, sums.second / sums.weight - mean * mean),
  };
}

/** Far below any logit; the kernel reports less only for a row of nothing but minus infinity. */
const lowestLogit = -1e38;

/** False when a logit was NaN or infinite, or none was finite: no statistic of the row means anything. */
export function isFiniteRow(sums: RowSums): boolean {
  const { max, weight, first, second } = sums;
  return max > lowestLogit && [weight, first, second].every(Number.isFinite);
}
