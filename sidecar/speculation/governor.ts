import type { BatchCost } from './batchCost.ts';

/** Speed-up a draft must promise: estimates are noisy, and plain decoding is never wrong. */
const worthwhileGain = 1.03;

export interface DraftChoice {
  /** Chance that the draft's token at a position is right, given that those before it are. */
  readonly acceptance: (position: number) => number;
  /** Tokens the drafter offers. */
  readonly offeredTokens: number;
  readonly cost: BatchCost;
  /** What else is in the same decode call: tokens of other sequences, and how many of them will be kept. */
  readonly others: { readonly tokens: number; readonly expectedTokens: number };
  /** Time the drafter takes for a draft of this length, beside the decode call. */
  readonly draftMs: (tokens: number) => number;
}

/**
 * Draft length that gives the most expected tokens per millisecond of the decode call, from recent acceptance and
 * the measured batch cost: (1 + Σ accepted) / (cost of 1 + length tokens + drafting). Pure. Returns 0 when nothing
 * beats plain decoding by 3 %, or when no cost is known yet.
 */
export function chooseDraftLength(choice: DraftChoice): number {
  const { acceptance, offeredTokens, cost, others, draftMs } = choice;
  const plainMs = cost.expectedMs(others.tokens + 1);
  if (plainMs === null) return 0;
  const plainRate = (others.expectedTokens + 1) / plainMs;
  let bestLength = 0;
  let bestRate = plainRate * worthwhileGain;
  let reach = 1;
  let expected = others.expectedTokens + 1;
  for (let length = 1; length <= offeredTokens; length++) {
    reach *= acceptance(length - 1);
    expected += reach;
    const callMs = cost.expectedMs(others.tokens + 1 + length) ?? plainMs;
    const rate = expected / (callMs + draftMs(length));
    if (rate > bestRate) {
      bestLength = length;
      bestRate = rate;
    }
  }
  return bestLength;
}
