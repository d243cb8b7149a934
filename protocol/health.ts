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
      /** Absent until it was measured. */
      readonly pace?: ModelPace;
    }
  /** It was freed, and is loaded again when it is asked for. */
  | { readonly state: 'unloaded'; readonly modelName: string; readonly cause: UnloadCause }
  | { readonly state: 'failed'; readonly error: ErrorData };

/** How fast a model was measured to be on this machine at rest: one text, nothing beside it. */
export interface ModelPace {
  readonly prefillTokensPerSecond: number;
  readonly decodeTokensPerSecond: number;
}

/** Why a model is unloaded: nobody used it for `idleMinutes`, or memory was short. */
export type UnloadCause = 'unused' | 'memory';

/**
 * What the status bar shows: the model for questions, and beside it the one for completions where that is another. A value
 * that changes, never a popup.
 */
export type Health = ModelHealth & {
  /** Absent where the model for questions writes completions too. */
  readonly completions?: ModelHealth;
  /** Present while the server of the model for questions is away, and a model of this machine answers them. */
  readonly standIn?: ServerStandIn;
};

/** What answers questions in the place of a server that is away. */
export interface ServerStandIn {
  /** The model of this machine. */
  readonly modelName: string;
  /** Name and port of the server. */
  readonly host: string;
  /** What is wrong with it, in one sentence. */
  readonly why: string;
}

/** Whether a question would be answered now, though a model that was unloaded is loaded first. */
export function answersQuestions({ state, standIn }: Health): boolean {
  return standIn !== undefined || state === 'ready' || state === 'unloaded';
}

/** What answers while a server is away, in one line. */
export function standInText({ modelName, host }: ServerStandIn): string {
  return `${host} is away: questions are answered by ${modelName} on this machine until it is back.`;
}

/** The model that writes completions. */
export function completionsHealth(health: Health): ModelHealth {
  return health.completions ?? health;
}

/** Whether a model is on its way. */
export function isLoading({ state, completions }: Health): boolean {
  return [state, completions?.state].some((each) => each === 'loading' || each === 'starting');
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
