import type { ErrorData } from './codedError.ts';

/** What the status bar shows. A value that changes, never a popup. */
export type Health =
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
  | { readonly state: 'failed'; readonly error: ErrorData };

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
