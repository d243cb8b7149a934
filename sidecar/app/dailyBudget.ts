import type { Ledger } from '../../protocol/budget.ts';
import type { UserChoices } from '../../protocol/reasoningOptions.ts';
import type { SpendingReport } from '../../protocol/spending.ts';
import type { HealthValue } from '../modelHosting/healthValue.ts';
import type { DailySpending } from '../spending/dailySpending.ts';

/** A part of the day that is kept for a request that runs. */
export interface DayPart<T> {
  readonly request: T;
  /** To be called when what it took is booked. Idempotent. */
  readonly release: () => void;
}

/** What a day may cost: books what it has, and lets health say when that is used up. */
export class DailyBudget {
  readonly #spending: () => DailySpending;
  readonly #tokensPerDay: () => number;
  readonly #health: Pick<HealthValue, 'note'>;
  /** Tokens kept for requests of this process that run and are not booked. */
  #kept = 0;
  /** Settles when the requests that came so far have their parts. */
  #turn: Promise<unknown> = Promise.resolve();

  /** Over the book of the store in use, and what may be spent of it in a day, where 0 sets no bound. */
  constructor(spending: () => DailySpending, tokensPerDay: () => number, health: Pick<HealthValue, 'note'>) {
    this.#spending = spending;
    this.#tokensPerDay = tokensPerDay;
    this.#health = health;
  }

  /** Books a request that has ended. */
  book(model: string, ledger: Ledger): void {
    this.#spending().book(model, ledger);
    void this.refresh();
  }

  /** Tokens that may still be generated today, at least 0; `Infinity` without a bound, which costs no look at the disk. */
  async tokensLeft(): Promise<number> {
    if (this.#tokensPerDay() === 0) return Infinity;
    const { tokensToday, tokensPerDay } = await this.report();
    return tokensPerDay === null ? Infinity : Math.max(0, tokensPerDay - tokensToday);
  }

  /**
   * Puts a request together by the tokens that are left beside those kept for others, and keeps for it what its budget
   * lets it generate, so that requests side by side cannot spend the same tokens. First come, first served.
   */
  keepFor<T extends { readonly choices: Pick<UserChoices, 'budget'> }>(
    put: (leftTokens: number) => T,
  ): Promise<DayPart<T>> {
    const part = this.#turn.then(() => this.#keep(put));
    this.#turn = part.catch(() => undefined);
    return part;
  }

  async #keep<T extends { readonly choices: Pick<UserChoices, 'budget'> }>(
    put: (leftTokens: number) => T,
  ): Promise<DayPart<T>> {
    const left = await this.tokensLeft();
    const request = put(Math.max(0, left - this.#kept));
    let kept = left === Infinity ? 0 : (request.choices.budget?.generatedTokens ?? 0);
    this.#kept += kept;
    const release = (): void => {
      this.#kept -= kept;
      kept = 0;
    };
    return { request, release };
  }

  report(): Promise<SpendingReport> {
    const tokensPerDay = this.#tokensPerDay();
    return this.#spending().report(tokensPerDay === 0 ? null : tokensPerDay);
  }

  /** Throws `store.unwritable`. */
  async reset(): Promise<SpendingReport> {
    await this.#spending().reset();
    await this.refresh();
    return this.report();
  }

  /** Brings health up to date. Never rejects. */
  async refresh(): Promise<void> {
    const left = await this.tokensLeft();
    const bound = this.#tokensPerDay().toLocaleString('en');
    this.#health.note(
      'day',
      left > 0
        ? null
        : `Today's ${bound} tokens are used up: automatic completions pause and questions get short answers until tomorrow. ` +
            'Raise entropane.tokensPerDay, or reset what was spent.',
    );
  }

  /** Resolves when all that was booked is on disk, or cannot be. */
  settled(): Promise<void> {
    return this.#spending().settled();
  }
}
