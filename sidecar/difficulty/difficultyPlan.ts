import { overrideBudget, type Budget } from '../../protocol/budget.ts';
import type { DifficultyClass, StrategyId } from '../../protocol/traceEvent.ts';
import type { PromptStyle } from '../prompts/chatPrompt.ts';

/** What a class of difficulty leads to. */
export interface DifficultyPlan {
  readonly strategy: Exclude<StrategyId, 'auto'>;
  readonly temperature: number;
  readonly budget: Budget;
}

interface ClassProfile {
  readonly temperature: number;
  /** Of the full budget's tokens per candidate. */
  readonly tokenShare: number;
  /** Of a question that is reasoned about. A question that is answered in prose has nothing to vote on. */
  readonly reasoning: 'chainOfThought' | 'selfConsistency';
}

/** Temperatures and shares of DiffAdapt (arXiv 2510.19669): little for the easy, and hard ones fail fast. */
const profiles: Readonly<Record<DifficultyClass, ClassProfile>> = {
  easy: { temperature: 0.5, tokenShare: 0.4, reasoning: 'chainOfThought' },
  normal: { temperature: 0.8, tokenShare: 1, reasoning: 'selfConsistency' },
  hard: { temperature: 0.4, tokenShare: 0.5, reasoning: 'selfConsistency' },
};

/** What the user fixed; null and absent members are the class's to choose. */
export interface FixedChoices {
  readonly temperature: number | null;
  readonly budget: Partial<Budget>;
}

/** Strategy, temperature and budget of a class. Pure. `fullBudget` is the share 1. */
export function planForDifficulty(
  difficulty: DifficultyClass,
  promptStyle: PromptStyle,
  options: { readonly fullBudget: Budget; readonly fixed: FixedChoices },
): DifficultyPlan {
  const { fullBudget, fixed } = options;
  const profile = profiles[difficulty];
  const isDirect = promptStyle === 'direct';
  // A direct answer has no thought to shorten, so the class shortens the answer itself.
  const shared: Budget = isDirect
    ? {
        ...fullBudget,
        answerTokensPerCandidate: share(fullBudget.answerTokensPerCandidate, profile.tokenShare),
      }
    : {
        ...fullBudget,
        thoughtTokensPerCandidate: share(fullBudget.thoughtTokensPerCandidate, profile.tokenShare),
      };
  return {
    strategy: isDirect ? 'direct' : profile.reasoning,
    temperature: fixed.temperature ?? profile.temperature,
    budget: overrideBudget(shared, fixed.budget),
  };
}

/** Tokens that may be generated before the class is known, so that no class's budget is overspent by then. */
export function longestOpening(fullBudget: Budget, promptStyle: PromptStyle): number {
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
