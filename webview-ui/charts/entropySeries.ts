import { doubtNats, doubtUpperNats } from '../../protocol/tokenColumns.ts';
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
  /** The upper bounds of the same, where they are intervals and `raw` has the lower ones; else null. */
  readonly rawUpper: readonly (number | null)[] | null;
}

/** Entropy in nats of all candidates over the shared token axis. Pure; linear in the number of tokens. */
export function entropySeries(
  candidates: readonly CandidateState[],
  emphasised: CandidateState | null,
): EntropySeries {
  const starts = laneStarts(candidates);
  const startOf = (candidate: CandidateState): number => starts.get(candidate.id) ?? 0;
  const length = candidates.reduce((n, c) => Math.max(n, startOf(c) + c.tokenCount), 0);
  const column = (
    candidate: CandidateState,
    values: readonly (number | null)[],
  ): readonly (number | null)[] => {
    const start = startOf(candidate);
    const placed = new Array<number | null>(length).fill(null);
    for (const [index, value] of values.entries()) placed[start + index] = value;
    return placed;
  };
  const upper = emphasised === null ? null : doubtUpperNats(emphasised.tokens);
  return {
    positions: Array.from({ length }, (_, position) => position),
    means: candidates.map((c) => column(c, runningMean(doubtNats(c.tokens), runningMeanTokens))),
    rawUpper: emphasised === null || upper === null ? null : column(emphasised, upper),
    raw: emphasised === null ? [] : column(emphasised, doubtNats(emphasised.tokens)),
  };
}

/** Mean of each value and up to `window - 1` places before it; null where none of them has a value. */
export function runningMean(values: readonly (number | null)[], window: number): readonly (number | null)[] {
  let sum = 0;
  let count = 0;
  return values.map((value, index) => {
    const left = values[index - window] ?? null;
    sum += (value ?? 0) - (left ?? 0);
    count += (value === null ? 0 : 1) - (left === null ? 0 : 1);
    return count === 0 ? null : Math.max(0, sum) / count;
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

/** Doubt in nats → mean, peak and share of doubtful tokens; nulls when no token has any. */
export function summariseEntropy(doubtNats: readonly (number | null)[]): EntropySummary {
  let sum = 0;
  let count = 0;
  let highest: { readonly nats: number; readonly token: number } | null = null;
  let doubtful = 0;
  for (const [token, nats] of doubtNats.entries()) {
    if (nats === null) continue;
    sum += nats;
    count += 1;
    if (highest === null || nats > highest.nats) highest = { nats, token };
    if (nats >= Math.LN2) doubtful++;
  }
  return {
    tokenCount: doubtNats.length,
    meanNats: count === 0 ? null : sum / count,
    highestNats: highest?.nats ?? null,
    highestAtToken: highest?.token ?? null,
    doubtfulShare: count === 0 ? null : doubtful / count,
  };
}
