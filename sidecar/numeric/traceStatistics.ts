import type { Alternative } from '../../protocol/traceEvent.ts';
import { mean } from './mean.ts';

/** Statistics of the certainty of a candidate's tokens. All zero for a candidate without tokens. */
export interface TraceStatistics {
  /** Mean of `tokenConfidence`, in nats. */
  readonly meanConfidence: number;
  /** The least mean confidence of any `groupWindow` tokens in a row: how sure it was where it was least sure. */
  readonly leastGroupConfidence: number;
  /** See `entropyInstability`. */
  readonly entropyInstability: number;
}

/**
 * How sure a model is of a token: −(1/k) Σ log p over the k most likely tokens, in nats; higher is surer
 * (DeepConf, arXiv 2508.15260). There k is 20; here it is as many as the log keeps. 0 without any.
 */
export function tokenConfidence(alternatives: readonly Pick<Alternative, 'logprob'>[]): number {
  return -mean(alternatives.map(({ logprob }) => Math.max(logprob, leastLogprob)));
}

/** Replaces the logarithm of 0, so that a mean stays a number. */
const leastLogprob = -50;

/** Tokens over which confidence is averaged. The source takes 2048 of traces that are a hundred times as long. */
const longestWindow = 64;

/** Tokens of a group in a trace of this length: 64, or half of a shorter trace. At least 1. */
export function groupWindow(tokenCount: number): number {
  return Math.max(1, Math.min(longestWindow, Math.floor(tokenCount / 2)));
}

/** The least mean of any `window` values in a row; of all of them where they are fewer, and 0 where there are none. */
export function leastGroupMean(values: readonly number[], window: number): number {
  if (values.length <= window) return mean(values);
  let sum = values.slice(0, window).reduce((total, value) => total + value, 0);
  let least = sum;
  for (const [index, entering] of values.slice(window).entries()) {
    sum += entering - (values[index] ?? 0);
    least = Math.min(least, sum);
  }
  return least / window;
}

/** A token is compared with the one so many later, whatever lies between: our choice, about a clause. */
const burstWindow = 8;
/** Nats, both of the source. */
const burstRise = 1.36;
const reboundRise = 1.33;

/**
 * How restless the entropies of a trace are, in nats: ½ (bursts + rebounds) (1 + variance), where a burst is a token whose
 * eighth successor lies more than 1.36 nats above it, and a rebound one more than 1.33 above the least value before. 0 is
 * steady; lower is better (EDIS, arXiv 2602.01288).
 */
export function entropyInstability(entropyNats: readonly number[]): number {
  let bursts = 0;
  let rebounds = 0;
  let least = Infinity;
  for (const [index, entropy] of entropyNats.entries()) {
    const later = entropyNats[index + burstWindow];
    if (later !== undefined && later - entropy > burstRise) bursts += 1;
    if (entropy - least > reboundRise) rebounds += 1;
    least = Math.min(least, entropy);
  }
  return ((bursts + rebounds) / 2) * (1 + variance(entropyNats));
}

/** The statistics of a candidate from the entropy of each of its tokens, in nats, and the `tokenConfidence` of each. */
export function traceStatistics(
  entropyNats: readonly number[],
  confidences: readonly number[],
): TraceStatistics {
  return {
    meanConfidence: mean(confidences),
    leastGroupConfidence: leastGroupMean(confidences, groupWindow(confidences.length)),
    entropyInstability: entropyInstability(entropyNats),
  };
}

function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}
