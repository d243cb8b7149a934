import type { Budget } from '../../protocol/budget.ts';
import type { AskParams, DifficultyChoice, SidecarSettings } from '../../protocol/messages.ts';
import { mergeChoices, type ReasoningChoices } from '../../protocol/reasoningOptions.ts';
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
  const chosenCount = params.candidates ?? chosenOf(settings, 'candidates').candidates;
  const usualCount =
    strategy === 'auto' && difficulty !== null
      ? Math.max(defaultSettings.candidates, candidatesByUser(difficulty))
      : defaultSettings.candidates;
  const asked = {
    strategy,
    candidateCount: chosenCount ?? usualCount,
    budget: budgetOf(params, settings),
    maxThoughtTokens: settings.maxThoughtTokens,
    choices: choicesOf(params, settings),
  };
  return {
    requestId: given.requestId,
    question: params.question,
    attachment: params.attachment ?? null,
    maxThoughtTokens: asked.maxThoughtTokens,
    seed: given.seed,
    difficulty,
    sequenceOptions: sequenceOptionsFor(
      'background',
      questionClass(params.question, params.attachment !== undefined),
      params.seed,
    ),
    choices: asked.choices,
    ...applyDailyLimit(asked, given.tokensLeftToday),
  };
}

/** What the user chose, for this question or for all. */
function choicesOf(params: AskParams, settings: SidecarSettings): ReasoningChoices {
  const ofAll = {
    ...chosenOf(settings, 'selector'),
    ...chosenPreamble(settings),
    stepSearch: chosenOf(settings, 'stepChildren', 'maxSteps'),
    earlyStopping: chosenOf(settings, 'consensus', 'trialConfidence', 'steadyAnswers', 'confidencePruning'),
  };
  return mergeChoices(ofAll, params);
}

/** Those settings that are not at their defaults: they are the user's own word, and come before what difficulty chooses. */
function chosenOf<K extends keyof SidecarSettings>(
  settings: SidecarSettings,
  ...names: readonly K[]
): Partial<Pick<SidecarSettings, K>> {
  const chosen: Partial<Pick<SidecarSettings, K>> = {};
  for (const name of names) if (settings[name] !== defaultSettings[name]) chosen[name] = settings[name];
  return chosen;
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

/** Empty where the strategy decides. */
function chosenPreamble({
  skipPreamble,
}: Pick<SidecarSettings, 'skipPreamble'>): Pick<ReasoningChoices, 'skipPreamble'> {
  return skipPreamble === 'auto' ? {} : { skipPreamble: skipPreamble === 'on' };
}

/** Null for one that is measured. */
function chosenDifficulty(choice: DifficultyChoice): DifficultyClass | null {
  return choice === 'measured' ? null : choice;
}
