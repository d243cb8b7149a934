import {
  emptyLedger,
  generatedTokenCount,
  type Budget,
  type Ledger,
  type Purpose,
} from '../../protocol/budget.ts';

/** Part of the time of a budget that is kept for the answer behind a thought. Our choice. */
const timeKeptForAnswer = 0.1;

/**
 * The one purse of a request: what was spent on what, and what is left. Tokens are reserved before they are
 * generated, so that candidates running side by side can never spend more than the budget between them.
 */
export class BudgetMeter {
  /** Aborts when the time of the budget is over, for work that is not asked between its steps, such as a prefill. */
  readonly outOfTime: AbortSignal;
  readonly #elapsedMs: () => number;
  readonly #tokens: Record<Purpose, number>;
  #budget: Budget;
  #reserved = 0;

  /** `elapsedMs` gives the wall time of the request so far. Without `outOfTime` nothing is interrupted by the time. */
  constructor(
    budget: Budget,
    elapsedMs: () => number,
    { outOfTime = new AbortController().signal }: { readonly outOfTime?: AbortSignal } = {},
  ) {
    this.outOfTime = outOfTime;
    this.#budget = budget;
    this.#elapsedMs = elapsedMs;
    this.#tokens = { ...emptyLedger.tokens };
  }

  get budget(): Budget {
    return this.#budget;
  }

  /** Puts another budget in force. What was spent and reserved under the old one stays spent and reserved. */
  changeBudget(budget: Budget): void {
    this.#budget = budget;
  }

  /** A snapshot of what was spent. */
  getState(): Ledger {
    return { tokens: { ...this.#tokens }, durationMs: this.#elapsedMs() };
  }

  /** Which bound of the budget is used up, or null while both have something left. */
  exhausted(): 'generatedTokens' | 'durationMs' | null {
    const { durationMs } = this.#budget;
    if (durationMs !== null && this.#elapsedMs() >= durationMs) return 'durationMs';
    return this.unreservedTokens <= 0 ? 'generatedTokens' : null;
  }

  /** Whether so little of the time is left that thoughts must close for there to be an answer. */
  get isTimeShort(): boolean {
    const { durationMs } = this.#budget;
    return durationMs !== null && this.#elapsedMs() >= durationMs * (1 - timeKeptForAnswer);
  }

  /** Tokens that may still be reserved; `Infinity` without a bound on generated tokens. */
  get unreservedTokens(): number {
    const { generatedTokens } = this.#budget;
    if (generatedTokens === null) return Infinity;
    return Math.max(0, generatedTokens - generatedTokenCount(this.getState()) - this.#reserved);
  }

  /** Books tokens that were read, not generated: a prompt or a cue. */
  spendPrompt(tokenCount: number): void {
    this.#tokens.prompt += tokenCount;
  }

  /** Books drafted tokens that the model did not confirm. They cost time and are no part of the budget. */
  spendRejectedDrafts(tokenCount: number): void {
    this.#tokens.rejectedDraft += tokenCount;
  }

  /** Sets tokens aside for one generation: as many as wanted or as are left. The caller releases the grant. */
  reserve(wantedTokens: number): TokenGrant {
    const granted = Math.min(wantedTokens, this.unreservedTokens);
    this.#reserved += granted;
    return new TokenGrant(granted, {
      book: (purpose, tokenCount) => {
        this.#reserved -= tokenCount;
        this.#tokens[purpose] += tokenCount;
      },
      giveBack: (tokenCount) => {
        this.#reserved -= tokenCount;
      },
    });
  }

  /** Moves tokens from one purpose to another, such as a losing candidate's to `discardedCandidate`. */
  rebook(from: Purpose, to: Purpose, tokenCount: number): void {
    if (tokenCount > this.#tokens[from])
      throw new Error(`Only ${this.#tokens[from]} tokens are booked as ${from}.`);
    this.#tokens[from] -= tokenCount;
    this.#tokens[to] += tokenCount;
  }
}

interface GrantLedger {
  book(purpose: Purpose, tokenCount: number): void;
  giveBack(tokenCount: number): void;
}

/** Tokens set aside for one generation. Unspent ones return to the budget on `release`. */
export class TokenGrant {
  readonly #ledger: GrantLedger;
  #remaining: number;

  constructor(tokenCount: number, ledger: GrantLedger) {
    this.#remaining = tokenCount;
    this.#ledger = ledger;
  }

  get remaining(): number {
    return this.#remaining;
  }

  /** Books generated tokens. Throws when an engine generated more than it was asked for. */
  spend(purpose: 'thought' | 'answer' | 'verification' | 'trialAnswer', tokenCount: number): void {
    if (tokenCount > this.#remaining) {
      throw new Error(`The engine generated ${tokenCount} tokens where ${this.#remaining} were granted.`);
    }
    this.#remaining -= tokenCount;
    this.#ledger.book(purpose, tokenCount);
  }

  /** Idempotent. */
  release(): void {
    this.#ledger.giveBack(this.#remaining);
    this.#remaining = 0;
  }
}
