import type { BatchCost } from './batchCost.ts';

/** Speed-up a draft must promise: estimates are noisy, and plain decoding is never wrong. */
const worthwhileGain = 1.08;

/** What a decode call would be without the draft, and what calls cost. */
export interface CallPrice {
  readonly cost: BatchCost;
  /** What else is in the same decode call: tokens of other sequences, and how many of them will be kept. */
  readonly others: { readonly tokens: number; readonly expectedTokens: number };
}

/** A node as the governor sees it: what it follows, and its chance given that. */
export interface WeighedNode {
  readonly parent: number;
  readonly acceptance: number;
}

/**
 * Length of the chain that gives the most expected tokens per millisecond, before it is drafted: from the acceptance by
 * position, the measured batch cost and the time the drafter takes. Pure. Returns 0 when nothing beats plain decoding by
 * 8 %, or when no cost is known yet.
 */
export function chooseDraftLength(
  acceptance: readonly number[],
  draftMs: (tokens: number) => number,
  { cost, others }: CallPrice,
): number {
  const plainMs = cost.expectedMs(others.tokens + 1);
  if (plainMs === null) return 0;
  let bestLength = 0;
  let bestRate = ((others.expectedTokens + 1) / plainMs) * worthwhileGain;
  let reach = 1;
  let expected = others.expectedTokens + 1;
  for (const [index, share] of acceptance.entries()) {
    const length = index + 1;
    reach *= share;
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

/**
 * Which nodes of a draft to decode: those most likely to be reached, as many as give the most expected tokens per
 * millisecond of the call. A branch is kept where its chance of being taken outweighs the cost of its rows. Pure.
 * Returns the kept nodes' indices in ascending order, each with all it follows; none when nothing beats plain decoding
 * by 8 %, or when no cost is known yet.
 */
export function chooseNodes(nodes: readonly WeighedNode[], { cost, others }: CallPrice): readonly number[] {
  const plainMs = cost.expectedMs(others.tokens + 1);
  if (plainMs === null) return [];
  const reaches: number[] = [];
  for (const { parent, acceptance } of nodes) reaches.push((reaches[parent] ?? 1) * acceptance);
  // A node is never likelier than the one it follows, and at the same chance comes later: no order is torn.
  const likeliest = [...reaches.keys()].sort((a, b) => (reaches[b] ?? 0) - (reaches[a] ?? 0) || a - b);
  let bestCount = 0;
  let bestRate = ((others.expectedTokens + 1) / plainMs) * worthwhileGain;
  let expected = others.expectedTokens + 1;
  for (const [index, node] of likeliest.entries()) {
    expected += reaches[node] ?? 0;
    const rate = expected / (cost.expectedMs(others.tokens + 2 + index) ?? plainMs);
    if (rate > bestRate) {
      bestCount = index + 1;
      bestRate = rate;
    }
  }
  return likeliest.slice(0, bestCount).sort((a, b) => a - b);
}
