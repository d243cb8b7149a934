import { type Budget, overrideBudget } from '../../../protocol/budget.ts';
import {
  chosenNames,
  mergeChoices,
  type ReasoningChoices,
  takesOption,
  type UserChoices,
} from '../../../protocol/reasoningOptions.ts';
import { isDirect, type StrategyId, votesOnSamples } from '../../../protocol/strategyTable.ts';
import type { ThinkChoice } from '../../../protocol/thinking.ts';
import type { FixedChoice } from '../../../protocol/traceEvent.ts';
import type { PromptStyle } from '../../prompts/chatPrompt.ts';
import { thoughtRequestOf } from '../../prompts/thoughtRequest.ts';
import type { ChosenStrategy, ClassProfile, ClassProfiles } from './autoTable.ts';

/** What a class of difficulty leads to. */
export interface DifficultyPlan extends ReasoningChoices {
  readonly strategy: ChosenStrategy;
  readonly temperature: number;
  /** Number of candidates, for a strategy that has several. */
  readonly candidates: number;
  readonly budget: Budget;
}

/** Applies a class's profile to a request. Pure. `fullBudget` is the share 1. */
export function planFor(
  profile: ClassProfile,
  promptStyle: PromptStyle,
  request: {
    readonly fullBudget: Budget;
    readonly fixed: UserChoices;
    /** At least 1. */
    readonly candidateCount: number;
  },
): DifficultyPlan {
  const { fullBudget, fixed } = request;
  const { strategy, candidates, temperature } = wayOf(profile, request.candidateCount);
  const choices = mergeChoices(profile, fixed);
  return {
    ...choices,
    strategy,
    candidates,
    temperature: fixed.temperature ?? temperature,
    budget: overrideBudget(
      sharedBudget({ ...profile, strategy }, { promptStyle, think: choices.think ?? 'auto' }, fullBudget),
      fixed.budget ?? {},
    ),
  };
}

/**
 * What a profile's strategy is with at most so many candidates. A vote of one is one random draw, and less often right than
 * one greedy thought, which takes its place (*ours*). Pure.
 */
export function wayOf(
  profile: ClassProfile,
  mostCandidates: number,
): Pick<ClassProfile, 'strategy' | 'temperature' | 'candidates'> {
  const { strategy, temperature } = profile;
  const candidates = Math.min(profile.candidates, mostCandidates);
  if (candidates === 1 && votesOnSamples(strategy))
    return { strategy: 'chainOfThought', temperature: 0, candidates };
  return { strategy, temperature, candidates };
}

function sharedBudget(
  { strategy, tokenShare }: Pick<ClassProfile, 'strategy' | 'tokenShare'>,
  { promptStyle, think }: { readonly promptStyle: PromptStyle; readonly think: ThinkChoice },
  full: Budget,
): Budget {
  const { answerTokensPerCandidate, thoughtTokensPerCandidate } = full;
  // A direct answer has no thought to shorten, so the class shortens the answer itself.
  if (promptStyle === 'direct')
    return { ...full, answerTokensPerCandidate: share(answerTokensPerCandidate, tokenShare) };
  const thoughtTokens = share(thoughtTokensPerCandidate, tokenShare);
  if (!isDirect(strategy)) return { ...full, thoughtTokensPerCandidate: thoughtTokens };
  // A thought before an answer that is direct otherwise keeps its share.
  if (thoughtRequestOf(think, 'direct').thinks) return { ...full, thoughtTokensPerCandidate: thoughtTokens };
  // In place of a thought: it gets what the thought would have had, as `defaultBudget` has it.
  return {
    ...full,
    thoughtTokensPerCandidate: 0,
    answerTokensPerCandidate: answerTokensPerCandidate + thoughtTokens,
  };
}

/** What of a plan the user chose, as the log names it, where the strategy takes it. Pure. */
export function fixedByUser(
  fixed: UserChoices,
  { strategy, isDifficultyFixed }: { readonly strategy: StrategyId; readonly isDifficultyFixed: boolean },
): readonly FixedChoice[] {
  const taken = chosenNames(fixed).filter((name) => takesOption(strategy, name));
  return isDifficultyFixed ? ['difficulty', ...taken] : taken;
}

/** Tokens that may be generated before the class is known, so that no class's budget is overspent by then. */
export function longestProbePrefix(
  fullBudget: Budget,
  promptStyle: PromptStyle,
  profiles: ClassProfiles,
): number {
  const smallestShare = Math.min(...Object.values(profiles).map((profile) => profile.tokenShare));
  const { answerTokensPerCandidate, thoughtTokensPerCandidate } = fullBudget;
  return share(
    promptStyle === 'direct' ? answerTokensPerCandidate : thoughtTokensPerCandidate,
    smallestShare,
  );
}

function share(tokens: number, part: number): number {
  return Math.round(tokens * part);
}
