import type { Attachment } from '../../protocol/attachment.ts';
import type { Budget } from '../../protocol/budget.ts';
import type { AskParams, DifficultyChoice, SidecarSettings } from '../../protocol/messages.ts';
import { choicesIn, mergeChoices } from '../../protocol/reasoningOptions.ts';
import type { DifficultyClass } from '../../protocol/traceEvent.ts';
import { candidatesByUser } from '../reasoning/difficulty/userClass.ts';
import { applyDailyLimit } from '../reasoning/run/applyDailyLimit.ts';
import type { AskRequest } from '../reasoning/run/requestRunner.ts';
import { questionClass, sequenceOptionsFor } from '../request/sequenceOptions.ts';
import { defaultSettings } from '../validation/sidecarSettings.ts';

/**
 * A question put together: what it says, else the settings, within what the day has left. Pure.
 */
export function askRequestOf(
  params: AskParams,
  settings: SidecarSettings,
  given: Pick<AskRequest, 'requestId' | 'seed'> & {
    /** `Infinity` where nothing bounds the day. */
    readonly tokensLeftToday: number;
  },
): AskRequest {
  const strategy = params.strategy ?? settings.strategy;
  const difficulty = chosenDifficulty(params.difficulty ?? settings.difficulty);
  const usualCount =
    strategy === 'auto' && difficulty !== null
      ? Math.max(defaultSettings.candidates, candidatesByUser(difficulty))
      : defaultSettings.candidates;
  const setCount = settings.candidates === defaultSettings.candidates ? usualCount : settings.candidates;
  const asked = {
    strategy,
    candidateCount: params.candidates ?? setCount,
    choices: {
      ...mergeChoices(choicesIn(settings, defaultSettings), params),
      budget: budgetOf(params, settings),
    },
  };
  return {
    requestId: given.requestId,
    question: params.question,
    attachment: subjectOf(params),
    attachments: (params.attachments ?? []).slice(0, -1),
    seed: given.seed,
    difficulty,
    sequenceOptions: sequenceOptionsFor(
      'background',
      questionClass(params.question, subjectOf(params) !== null),
      params.seed,
    ),
    ...applyDailyLimit(asked, given.tokensLeftToday),
  };
}

/** What a question is about, of the texts that go along; null where it comes alone. Pure. */
export function subjectOf({ attachments = [] }: Pick<AskParams, 'attachments'>): Attachment | null {
  return attachments.at(-1) ?? null;
}

/** What bounds a question by the user's own word: its own budget, else the settings. Pure. */
export function budgetOf(
  { budget }: Pick<AskParams, 'budget'>,
  { budgetTokens, budgetSeconds }: Pick<SidecarSettings, 'budgetTokens' | 'budgetSeconds'>,
): Partial<Budget> {
  return {
    ...(budgetTokens > 0 ? { generatedTokens: budgetTokens } : {}),
    ...(budgetSeconds > 0 ? { durationMs: budgetSeconds * 1000 } : {}),
    ...budget,
  };
}

/** Null for one that is measured. */
function chosenDifficulty(choice: DifficultyChoice): DifficultyClass | null {
  return choice === 'measured' ? null : choice;
}
