/** What a token was spent on. The ledger of a request adds up by these. */
export type Purpose =
  'prompt' | 'thought' | 'answer' | 'discardedCandidate' | 'rejectedDraft' | 'verification' | 'trialAnswer';

export const purposes: readonly Purpose[] = [
  'prompt',
  'thought',
  'answer',
  'discardedCandidate',
  'rejectedDraft',
  'verification',
  'trialAnswer',
];

/** Upper bounds of one request. `null` means unbounded. */
export interface Budget {
  /** Thought tokens of one candidate; at the cap the thought is closed at a sentence end. */
  readonly thoughtTokensPerCandidate: number;
  /** Answer tokens of one candidate. */
  readonly answerTokensPerCandidate: number;
  /** Generated tokens of all candidates together. */
  readonly generatedTokens: number | null;
  /** Wall time of the request in milliseconds. */
  readonly durationMs: number | null;
}

/** The budget with the members that are fixed. An absent member fixes nothing; null fixes "unbounded". */
export function overrideBudget(budget: Budget, fixed: Partial<Budget>): Budget {
  return {
    thoughtTokensPerCandidate: fixed.thoughtTokensPerCandidate ?? budget.thoughtTokensPerCandidate,
    answerTokensPerCandidate: fixed.answerTokensPerCandidate ?? budget.answerTokensPerCandidate,
    generatedTokens: fixed.generatedTokens === undefined ? budget.generatedTokens : fixed.generatedTokens,
    durationMs: fixed.durationMs === undefined ? budget.durationMs : fixed.durationMs,
  };
}

/** Tokens by purpose, and the wall time so far. */
export interface Ledger {
  readonly tokens: Readonly<Record<Purpose, number>>;
  readonly durationMs: number;
}

export const emptyLedger: Ledger = {
  tokens: {
    prompt: 0,
    thought: 0,
    answer: 0,
    discardedCandidate: 0,
    rejectedDraft: 0,
    verification: 0,
    trialAnswer: 0,
  },
  durationMs: 0,
};

/** Tokens that the model generated, whatever became of them (drafts that were rejected were never generated). */
export function generatedTokenCount(ledger: Ledger): number {
  const { thought, answer, discardedCandidate, verification, trialAnswer } = ledger.tokens;
  return thought + answer + discardedCandidate + verification + trialAnswer;
}

/** A request's bounds once this much of them is spent, at least 0 of each; what bounds nothing stays. */
export function budgetLeft(budget: Partial<Budget>, spent: Ledger): Partial<Budget> {
  const { generatedTokens, durationMs } = budget;
  return {
    ...budget,
    ...(typeof generatedTokens === 'number' && {
      generatedTokens: Math.max(0, generatedTokens - generatedTokenCount(spent)),
    }),
    ...(typeof durationMs === 'number' && { durationMs: Math.max(0, durationMs - spent.durationMs) }),
  };
}

/** A ledger read from a trace that was written before some purposes existed: those have no tokens. */
export function completeLedger(ledger: Ledger): Ledger {
  return { ...ledger, tokens: { ...emptyLedger.tokens, ...ledger.tokens } };
}
