import { overrideBudget, type Budget } from '../../protocol/budget.ts';
import type { DifficultyClass, FixedChoice } from '../../protocol/traceEvent.ts';
import type { PromptStyle } from '../prompts/chatPrompt.ts';
import type { ClassProfile, ClassProfiles } from './autoTable.ts';

/** What a class of difficulty leads to. */
export interface DifficultyPlan {
  readonly strategy: 'direct' | ClassProfile['reasoning'];
  readonly temperature: number;
  /** At most, of a strategy that has several. */
  readonly candidates: number;
  readonly budget: Budget;
}

/** What the user fixed; null and absent members are the class's to choose. */
export interface FixedChoices {
  readonly temperature: number | null;
  readonly budget: Partial<Budget>;
}

/** Strategy, temperature and budget of a class. Pure. `fullBudget` is the share 1. */
export function planForDifficulty(
  difficulty: DifficultyClass,
  promptStyle: PromptStyle,
  options: {
    readonly profiles: ClassProfiles;
    readonly fullBudget: Budget;
    readonly fixed: FixedChoices;
  },
): DifficultyPlan {
  const { profiles, fullBudget, fixed } = options;
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
    candidates: profile.candidates,
    temperature: fixed.temperature ?? profile.temperature,
    budget: overrideBudget(shared, fixed.budget),
  };
}

/** What of a plan the user chose, as the log names it. Pure. */
export function fixedByUser(
  { temperature, budget }: FixedChoices,
  isDifficultyFixed: boolean,
): readonly FixedChoice[] {
  const choices: readonly [FixedChoice, boolean][] = [
    ['difficulty', isDifficultyFixed],
    ['temperature', temperature !== null],
    ['budget', Object.keys(budget).length > 0],
  ];
  return choices.filter(([, isFixed]) => isFixed).map(([choice]) => choice);
}

/** Tokens that may be generated before the class is known, so that no class's budget is overspent by then. */
export function longestOpening(
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
