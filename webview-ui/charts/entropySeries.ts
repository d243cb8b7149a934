import type { CandidateState } from '../../protocol/traceState.ts';
import { laneStarts } from './candidateLanes.ts';

/** Tokens that a point of a running mean looks back over. */
export const runningMeanTokens = 16;

/** Columns as uPlot wants them: token positions, then one column per candidate, null where it has no token. */
export interface EntropySeries {
  readonly positions: readonly number[];
  /** Running mean of each candidate, in the order of the candidates. */
  readonly means: readonly (readonly (number | null)[])[];
  /** Every token's own entropy for the emphasised candidate. */
  readonly raw: readonly (number | null)[];
}

/** Entropy in nats of all candidates over the shared token axis. Pure; linear in the number of tokens. */
export function entropySeries(
  candidates: readonly CandidateState[],
  emphasised: CandidateState | null,
): EntropySeries {
  const starts = laneStarts(candidates);
  const startOf = (candidate: CandidateState): number => starts.get(candidate.id) ?? 0;
  const length = candidates.reduce((n, c) => Math.max(n, startOf(c) + c.tokenCount), 0);
  const column = (candidate: CandidateState, values: readonly number[]): readonly (number | null)[] => {
    const start = startOf(candidate);
    const placed = new Array<number | null>(length).fill(null);
    for (const [index, value] of values.entries()) placed[start + index] = value;
    return placed;
  };
  return {
    positions: Array.from({ length }, (_, position) => position),
    means: candidates.map((c) => column(c, runningMean(c.tokens.entropyNats, runningMeanTokens))),
    raw: emphasised === null ? [] : column(emphasised, emphasised.tokens.entropyNats),
  };
}

/** Mean of each value and up to `window - 1` before it. */
export function runningMean(values: readonly number[], window: number): readonly number[] {
  let sum = 0;
  return values.map((value, index) => {
    sum += value - (index >= window ? (values[index - window] ?? 0) : 0);
    return Math.max(0, sum) / Math.min(window, index + 1);
  });
}

/** The chart in words and figures, for readers who do not see the canvas. */
export interface EntropySummary {
  readonly tokenCount: number;
  readonly meanNats: number | null;
  readonly highestNats: number | null;
  readonly highestAtToken: number | null;
  /** Tokens drawn from as much doubt as a choice of two or more, as a share 0…1. */
  readonly doubtfulShare: number | null;
}

/** Entropies in nats → mean, peak and share of doubtful tokens; nulls when there are no tokens. */
export function summariseEntropy(entropyNats: readonly number[]): EntropySummary {
  const tokenCount = entropyNats.length;
  if (tokenCount === 0) {
    return { tokenCount, meanNats: null, highestNats: null, highestAtToken: null, doubtfulShare: null };
  }
  let sum = 0;
  let highestAtToken = 0;
  let doubtful = 0;
  for (const [token, nats] of entropyNats.entries()) {
    sum += nats;
    if (nats > (entropyNats[highestAtToken] ?? 0)) highestAtToken = token;
    if (nats >= Math.LN2) doubtful++;
  }
  return {
    tokenCount,
    meanNats: sum / tokenCount,
    highestNats: entropyNats[highestAtToken] ?? 0,
    highestAtToken,
    doubtfulShare: doubtful / tokenCount,
  };
}
