import type { InfillBudget } from '../prompts/infillPrompt.ts';

/** How long the first prompt at a new place may take to be read. */
export const readingBoxMs = 500;
/** Shorter prompts say too little of where the cursor is. */
const leastTokens = 96;
/** Shorter budgets than this differ too little from each other: the windows are to stay where they are while one types. */
const stepTokens = 32;
/** Share of a short prompt that is text after the cursor. */
const suffixShare = 0.2;

/** The part of a whole budget that so many tokens are read of, at least `leastTokens` and at most all of it. Pure. */
export function readingBudget(tokens: number, whole: InfillBudget): InfillBudget {
  const all = whole.prefixTokens + whole.suffixTokens;
  const most = Math.min(all, Math.max(leastTokens, Math.floor(tokens / stepTokens) * stepTokens));
  const suffixTokens = Math.min(whole.suffixTokens, Math.floor(most * suffixShare));
  return { prefixTokens: Math.min(whole.prefixTokens, most - suffixTokens), suffixTokens };
}
