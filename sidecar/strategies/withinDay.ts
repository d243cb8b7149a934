import type { SearchEvent } from '../../protocol/traceEvent.ts';
import type { AskRequest } from './requestRunner.ts';

/** What a question may still generate when the day's tokens are used up: a short answer. Our choice. */
export const shortAnswerTokens = 128;

type Bounded = Pick<AskRequest, 'strategy' | 'candidateCount' | 'budget'>;

/**
 * A question within what the day has left, in tokens. One that comes when nothing is left is answered all the same, since
 * somebody waits for it: directly and briefly, which the log says. `leftTokens` is `Infinity` without a bound. Pure.
 */
export function withinDay(
  asked: Bounded,
  leftTokens: number,
): Bounded & { readonly preface: readonly SearchEvent[] } {
  if (leftTokens === Infinity) return { ...asked, preface: [] };
  const room = Math.max(shortAnswerTokens, leftTokens);
  const generatedTokens = Math.min(asked.budget.generatedTokens ?? Infinity, room);
  const budget = { ...asked.budget, generatedTokens };
  if (leftTokens > 0) return { ...asked, budget, preface: [] };
  const why = `Today's tokens are used up, so this is a direct answer of at most ${generatedTokens} tokens.`;
  return {
    strategy: 'direct',
    candidateCount: 1,
    budget,
    preface: [{ type: 'decision/made', kind: 'dailyBudgetSpent', candidateId: null, why }],
  };
}
