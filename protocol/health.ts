import type { ErrorData } from './codedError.ts';

/** How the model of one role is. */
export type ModelHealth =
  | { readonly state: 'starting' }
  | { readonly state: 'noModel'; readonly error: ErrorData }
  | { readonly state: 'loading'; readonly modelName: string }
  | {
      readonly state: 'ready';
      readonly modelName: string;
      /** Where the model's layers run, such as `CPU (zen4)`. */
      readonly backend: string;
      readonly contextTokens: number;
      /** Things that work with less than all parts, such as a probe that could not be loaded. */
      readonly notes: readonly string[];
    }
  /** It was freed, and is loaded again when it is asked for. */
  | { readonly state: 'unloaded'; readonly modelName: string; readonly cause: UnloadCause }
  | { readonly state: 'failed'; readonly error: ErrorData };

/** Why a model is unloaded: nobody used it for `idleMinutes`, or memory was short. */
export type UnloadCause = 'unused' | 'memory';

/**
 * What the status bar shows: the model for questions, and beside it the one for completions where that is another. A value
 * that changes, never a popup.
 */
export type Health = ModelHealth & {
  /** Absent where the model for questions writes completions too. */
  readonly completions?: ModelHealth;
};

/** The model that writes completions. */
export function completionsHealth(health: Health): ModelHealth {
  return health.completions ?? health;
}

/** Why a completion request showed nothing. Each has its line in the log and its words in the status bar. */
export type SuppressedReason =
  | 'breaksSyntax'
  | 'cancelled'
  | 'dailyBudgetSpent'
  | 'disabledByUser'
  | 'disabledForLanguage'
  | 'duplicatesSuffix'
  | 'emptyCompletion'
  | 'engineNotReady'
  | 'insideCharacter'
  | 'insideWord'
  | 'modelLacksInfill'
  | 'onlyWhitespace'
  | 'snoozed'
  | 'stale';
