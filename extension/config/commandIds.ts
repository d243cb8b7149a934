/** Every command, as the manifest names them; a test holds the two together. */
export const commandIds = [
  'entropane.ask',
  'entropane.explainSelection',
  'entropane.answerNow',
  'entropane.thinkMore',
  'entropane.stop',
  'entropane.setDifficulty',
  'entropane.showStrategyMemory',
  'entropane.clearStrategyMemory',
  'entropane.showSpending',
  'entropane.resetSpending',
  'entropane.openTracePanel',
  'entropane.triggerCompletion',
  'entropane.toggleCompletions',
  'entropane.toggleCompletionsForLanguage',
  'entropane.snoozeCompletions',
  'entropane.chooseModel',
  'entropane.fetchModel',
  'entropane.fetchLargerModel',
  'entropane.showLog',
  'entropane.restartEngine',
  'entropane.showMenu',
] as const;

export type CommandId = (typeof commandIds)[number];
