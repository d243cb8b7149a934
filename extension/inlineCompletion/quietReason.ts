import type { SuppressedReason } from '../../protocol/health.ts';

/** Why nothing is shown: a reason of the sidecar's, or one that only the editor knows. */
export type QuietReason = SuppressedReason | 'failed' | 'manualTrigger' | 'rejectedBefore';

/** Each reason in words, to follow "Nothing shown:". */
export const quietReasonWords: Readonly<Record<QuietReason, string>> = {
  breaksSyntax: 'what the model wrote would have broken the code',
  cancelled: 'you typed on',
  dailyBudgetSpent: "today's token budget is used up",
  disabledByUser: 'completions are switched off',
  disabledForLanguage: 'completions are switched off for this language',
  duplicatesSuffix: 'the model only repeated what follows the cursor',
  emptyCompletion: 'the model had nothing to add',
  engineNotReady: 'no model is ready for completions',
  failed: 'the request failed; the log has the cause',
  insideCharacter: 'the cursor is inside one character',
  insideWord: 'the word that the cursor is in seems whole',
  manualTrigger: 'completions come by command only',
  modelLacksInfill: 'this model cannot complete in the middle of code',
  onlyWhitespace: 'the model only added white space',
  rejectedBefore: 'you went on with something else here before',
  snoozed: 'completions are snoozed',
  stale: 'the document changed meanwhile',
};
