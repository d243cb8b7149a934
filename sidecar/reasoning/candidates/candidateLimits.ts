import type { Budget } from '../../../protocol/budget.ts';

/** Most tokens of one candidate. */
export interface CandidateLimits {
  readonly thoughtTokens: number;
  readonly answerTokens: number;
  /** What its share of budget and context has left beyond both, for a thought that is asked to go on. */
  readonly spareTokens: number;
}

/** Cells kept free for cues in each candidate's share of the context. */
export const cueTokens = 24;
/** How many contexts full a candidate may write that goes on when one is full. */
const shiftedContexts = 4;
/** Where a share is short, this part of it is kept for the answer. */
const answerPart = 0.25;

/**
 * What each of `candidateCount` candidates may use: the budget's caps, cut to an equal share of the tokens that are
 * left and of the context behind the prompt. Where that is short the thought gives way first. Pure.
 */
export function candidateLimits(
  budget: Budget,
  options: {
    readonly candidateCount: number;
    /** Tokens that may still be generated; `Infinity` when unbounded. */
    readonly unspentTokens: number;
    readonly contextTokens: number;
    readonly promptTokens: number;
    /** Whether a candidate that is alone goes on when the context is full. */
    readonly shiftsContext: boolean;
  },
): CandidateLimits {
  const { candidateCount, unspentTokens, contextTokens, promptTokens, shiftsContext } = options;
  const room = shiftsContext && candidateCount === 1 ? contextTokens * shiftedContexts : contextTokens;
  const contextShare = Math.floor((room - promptTokens) / candidateCount) - cueTokens;
  const share = Math.max(0, Math.min(Math.floor(unspentTokens / candidateCount), contextShare));
  const wanted = budget.thoughtTokensPerCandidate + budget.answerTokensPerCandidate;
  if (share >= wanted) {
    return {
      thoughtTokens: budget.thoughtTokensPerCandidate,
      answerTokens: budget.answerTokensPerCandidate,
      spareTokens: share - wanted,
    };
  }
  const keptForAnswer = Math.max(Math.ceil(share * answerPart), share - budget.thoughtTokensPerCandidate);
  const answerTokens = Math.min(budget.answerTokensPerCandidate, keptForAnswer);
  return { thoughtTokens: share - answerTokens, answerTokens, spareTokens: 0 };
}

/** Tokens after the soft limit within which a sentence may still end. */
const longestGraceTokens = 32;

/** The stop rules of a thought with this many tokens left: a sentence end near the cap, the cap at the latest. */
export function thoughtLimit(tokensLeft: number): {
  readonly maxTokens: number;
  readonly softLimit: { readonly tokens: number; readonly graceTokens: number };
} {
  const maxTokens = Math.max(0, tokensLeft);
  const graceTokens = Math.min(longestGraceTokens, Math.floor(maxTokens / 4));
  return { maxTokens, softLimit: { tokens: maxTokens - graceTokens, graceTokens } };
}

/** How much longer a thought may get when the user asks for more: half as long again, at least 32 tokens. */
export function extraThoughtTokens(thoughtTokens: number): number {
  return Math.max(32, Math.floor(thoughtTokens / 2));
}
