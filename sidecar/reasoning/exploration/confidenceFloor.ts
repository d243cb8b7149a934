import type { SidecarSettings } from '../../../protocol/messages.ts';
import { groupWindow, leastGroupMean } from '../../numeric/traceStatistics.ts';

/** How sure the model must stay of a candidate: its mean confidence over a window of tokens, in nats. */
export interface ConfidenceFloor {
  readonly leastConfidence: number;
  readonly windowTokens: number;
}

type Pruning = SidecarSettings['confidencePruning'];

/** Part of the candidates that run first, and the fewest; the source has 16 of 512. Our choice. */
const warmUpShare = 3 / 8;
const fewestWarmUps = 3;

/**
 * Percentile of the warm-ups' least group confidences that the others must reach: the source's DeepConf-high, which keeps
 * the surest 90 %, and DeepConf-low, which keeps the surest 10 %.
 */
const percentiles: Readonly<Record<Exclude<Pruning, 'off'>, number>> = { cautious: 0.1, strict: 0.9 };

/** Candidates of so many that run before the floor is known. */
export function warmUpCount(candidateCount: number): number {
  return Math.min(candidateCount, Math.max(fewestWarmUps, Math.ceil(candidateCount * warmUpShare)));
}

/**
 * The floor by the confidences of warm-ups that came to their own ends, token by token: a percentile, by nearest rank, of
 * the least mean of each over one window (DeepConf, arXiv 2508.15260). The window is that of the shortest, so that each has
 * at least two. Null with fewer warm-ups than make a percentile. Pure.
 */
export function confidenceFloor(
  warmUps: readonly (readonly number[])[],
  pruning: Pruning,
): ConfidenceFloor | null {
  if (pruning === 'off' || warmUps.length < fewestWarmUps) return null;
  const windowTokens = Math.min(...warmUps.map(({ length }) => groupWindow(length)));
  const least = warmUps.map((confidences) => leastGroupMean(confidences, windowTokens)).sort((a, b) => a - b);
  const leastConfidence = least[Math.ceil(percentiles[pruning] * least.length) - 1];
  return leastConfidence === undefined ? null : { leastConfidence, windowTokens };
}

/** Whether any window that ends within the last `newCount` tokens is below the floor. Not before one window is full. */
export function isBelow(
  confidences: readonly number[],
  newCount: number,
  { leastConfidence, windowTokens }: ConfidenceFloor,
): boolean {
  if (confidences.length < windowTokens) return false;
  return leastGroupMean(confidences.slice(-(windowTokens + newCount - 1)), windowTokens) < leastConfidence;
}
