import type { Budget } from '../../protocol/budget.ts';
import type { AskParams, DifficultyChoice, SidecarSettings } from '../../protocol/messages.ts';
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
    stepSearch: { ...chosenOf(settings, 'stepChildren', 'maxSteps'), ...params.stepSearch },
  };
  return {
    requestId: given.requestId,
    question: params.question,
    attachment: params.attachment ?? null,
    selector: params.selector ?? chosenOf(settings, 'selector').selector ?? null,
    maxThoughtTokens: asked.maxThoughtTokens,
    seed: given.seed,
    temperature: params.temperature ?? null,
    difficulty,
    sequenceOptions: sequenceOptionsFor(
      'background',
      questionClass(params.question, params.attachment !== undefined),
      params.seed,
    ),
    earlyStopping: {
      ...chosenOf(settings, 'consensus', 'trialConfidence', 'steadyAnswers', 'confidencePruning'),
      ...params.earlyStopping,
    },
    stepSearch: asked.stepSearch,
    skipPreamble: params.skipPreamble ?? chosenOf(settings, 'skipPreamble').skipPreamble ?? null,
    ...applyDailyLimit(asked, given.tokensLeftToday),
  };
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

/** Null for one that is measured. */
function chosenDifficulty(choice: DifficultyChoice): DifficultyClass | null {
  return choice === 'measured' ? null : choice;
}
