import type { Ledger } from './budget.ts';

/** What one model was used for in one day of this machine. */
export interface DaySpending {
  /** `2026-01-31`, by the machine's own calendar. A request counts on the day it ended. */
  readonly day: string;
  /** The model's name; that of all others together where there were too many. */
  readonly model: string;
  readonly requests: number;
  readonly tokens: Ledger['tokens'];
  /** Wall time of the requests, added up; those that ran at once count each. */
  readonly durationMs: number;
}

/** What requests have cost, and what they may cost in a day. */
export interface SpendingReport {
  readonly today: string;
  /** Newest day first, then by tokens. */
  readonly days: readonly DaySpending[];
  /** Generated today, by all models. */
  readonly tokensToday: number;
  /** What may be generated in a day; null where nothing bounds it. */
  readonly tokensPerDay: number | null;
}
