import { counted } from '../../../protocol/counted.ts';
import { mergeChoices, optionsOf, type UserChoices } from '../../../protocol/reasoningOptions.ts';
import { takesParameter } from '../../../protocol/strategyTable.ts';
import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { mostStepTokens } from '../search/stepSearch.ts';
import { fullBudget } from './fullBudget.ts';
import type { AskRequest } from './requestRunner.ts';

/** What a question may still generate when the day's tokens are used up: a short answer. Our choice. */
export const shortAnswerTokens = 128;
/** Room beside thoughts and answers, for checks, trials and more thought: as much again. Our choice. */
const roomBesideCandidates = 2;

type Asked = Pick<AskRequest, 'strategy' | 'candidateCount' | 'choices'>;

/**
 * A question within what the day has left, in tokens, with a bound on what it generates, so that its part of the day can be
 * kept for it. One that comes when less is left than it may take, and than a short answer takes, is answered all the same,
 * since somebody waits for it: directly and briefly, which the log says. `leftTokens` is `Infinity` without a bound. Pure.
 */
export function applyDailyLimit(
  asked: Asked,
  leftTokens: number,
): Asked & { readonly preface: readonly SearchEvent[] } {
  if (leftTokens === Infinity) return { ...asked, preface: [] };
  const { choices } = asked;
  const within = (generatedTokens: number): UserChoices =>
    mergeChoices(choices, { budget: { generatedTokens } });
  const wanted = Math.min(choices.budget?.generatedTokens ?? Infinity, mostTokens(asked));
  if (leftTokens >= Math.min(wanted, shortAnswerTokens))
    return { ...asked, choices: within(Math.min(wanted, leftTokens)), preface: [] };
  const generatedTokens = Math.min(wanted, shortAnswerTokens);
  const why =
    `Of today's tokens ${leftTokens} are left, beside what is kept for questions that still run, ` +
    `so this is a direct answer of at most ${counted(generatedTokens, 'token')}.`;
  return {
    strategy: 'direct',
    candidateCount: 1,
    choices: within(generatedTokens),
    preface: [{ type: 'decision/made', kind: 'dailyBudgetSpent', candidateId: null, why }],
  };
}

/**
 * More than a question generates where nothing bounds it, whatever its strategy does. Steps that a table gives to a search of
 * its own are not known here: with more of them than the settings allow, that search may end at this bound.
 */
function mostTokens({ strategy, candidateCount, choices }: Asked): number {
  const { thoughtTokensPerCandidate, answerTokensPerCandidate } = fullBudget('stepByStep', choices);
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
