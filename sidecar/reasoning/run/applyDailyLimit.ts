import { overrideBudget } from '../../../protocol/budget.ts';
import { optionsOf } from '../../../protocol/reasoningOptions.ts';
import { takesParameter } from '../../../protocol/strategyTable.ts';
import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { defaultBudget } from '../candidates/defaultBudget.ts';
import { mostStepTokens } from '../search/stepSearch.ts';
import type { AskRequest } from './requestRunner.ts';

/** What a question may still generate when the day's tokens are used up: a short answer. Our choice. */
export const shortAnswerTokens = 128;
/** Room beside thoughts and answers, for checks, trials and more thought: as much again. Our choice. */
const roomBesideCandidates = 2;

type Bounded = Pick<AskRequest, 'strategy' | 'candidateCount' | 'budget'>;
type Asked = Bounded & Pick<AskRequest, 'maxThoughtTokens' | 'choices'>;

/**
 * A question within what the day has left, in tokens, with a bound on what it generates, so that its part of the day can be
 * kept for it. One that comes when less is left than it may take, and than a short answer takes, is answered all the same,
 * since somebody waits for it: directly and briefly, which the log says. `leftTokens` is `Infinity` without a bound. Pure.
 */
export function applyDailyLimit(
  asked: Asked,
  leftTokens: number,
): Bounded & { readonly preface: readonly SearchEvent[] } {
  const { strategy, candidateCount, budget } = asked;
  if (leftTokens === Infinity) return { strategy, candidateCount, budget, preface: [] };
  const wanted = Math.min(budget.generatedTokens ?? Infinity, mostTokens(asked));
  if (leftTokens >= Math.min(wanted, shortAnswerTokens)) {
    const generatedTokens = Math.min(wanted, leftTokens);
    return { strategy, candidateCount, budget: { ...budget, generatedTokens }, preface: [] };
  }
  const generatedTokens = Math.min(wanted, shortAnswerTokens);
  const why =
    `Of today's tokens ${leftTokens} are left, beside what is kept for questions that still run, ` +
    `so this is a direct answer of at most ${generatedTokens} tokens.`;
  return {
    strategy: 'direct',
    candidateCount: 1,
    budget: { ...budget, generatedTokens },
    preface: [{ type: 'decision/made', kind: 'dailyBudgetSpent', candidateId: null, why }],
  };
}

/**
 * More than a question generates where nothing bounds it, whatever its strategy does. Steps that a table gives to a search of
 * its own are not known here: with more of them than the settings allow, that search may end at this bound.
 */
function mostTokens({ strategy, candidateCount, budget, maxThoughtTokens, choices }: Asked): number {
  const full = overrideBudget(defaultBudget('stepByStep', maxThoughtTokens), budget);
  const { thoughtTokensPerCandidate, answerTokensPerCandidate } = full;
  const ofCandidates = (tokens: number): number => roomBesideCandidates * candidateCount * tokens;
  const stepTokens = takesParameter(strategy, 'maxSteps')
    ? mostStepTokens(
        candidateCount,
        optionsOf(defaultSettings, choices).stepSearch,
        thoughtTokensPerCandidate,
      )
    : 0;
  return (
    ofCandidates(answerTokensPerCandidate) + Math.max(ofCandidates(thoughtTokensPerCandidate), stepTokens)
  );
}
