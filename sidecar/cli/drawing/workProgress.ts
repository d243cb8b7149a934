import type { Clock } from '../../process/clock.ts';
import type { Terminal } from '../terminal.ts';
import { fitLine } from './cellWidth.ts';
import { ProgressNotes } from './progressNotes.ts';

/** Shares below this say too little of how long the rest takes. */
const leastTellingShare = 0.02;

/**
 * How far a piece of work is, and how long it will take: one line redrawn on a terminal, a line now and then in a log,
 * for programs an object for each new per cent. `clear` ends it.
 */
export class WorkProgress {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #isJson: boolean;
  readonly #notes: ProgressNotes;
  #what = '';
  #startedMs = 0;
  #percent = -1;

  constructor({ terminal, isJson }: { readonly terminal: Terminal; readonly isJson: boolean }, clock: Clock) {
    this.#terminal = terminal;
    this.#isJson = isJson;
    this.#clock = clock;
    this.#notes = new ProgressNotes(terminal, clock);
  }

  /** `what` is under way: `done` of `total`, in any unit. Time is counted from its first call. */
  readonly report = (what: string, done: number, total: number): void => {
    if (what !== this.#what) {
      this.#what = what;
      this.#startedMs = this.#clock.now();
      this.#percent = -1;
    }
    const share = total > 0 ? done / total : 0;
    const percent = Math.floor(100 * share);
    const timeLeft = (): number | null => secondsLeftByShare(share, this.#clock.now() - this.#startedMs);
    const line = (): string => {
      const left = timeLeft();
      return `${what}: ${percent} %${left === null ? '' : `, ${durationText(left)} left`}`;
    };
    if (this.#isJson && percent !== this.#percent) {
      this.#percent = percent;
      this.#terminal.print(JSON.stringify({ type: 'progress', what, done, total, secondsLeft: timeLeft() }));
    }
    const { progress, paint } = this.#terminal;
    if (progress.isTerminal) paint([fitLine(line(), progress.columns())]);
    else if (!this.#isJson) this.#notes.report({ what, share, line });
  };

  clear(): void {
    this.#notes.end();
    if (this.#terminal.progress.isTerminal) this.#terminal.paint([]);
  }
}

/** Whole seconds, as the share done took so long; null while too little is done to tell. Pure. */
export function secondsLeftByShare(share: number, elapsedMs: number): number | null {
  return share < leastTellingShare ? null : Math.ceil((elapsedMs * (1 - share)) / share / 1000);
}

/** Such as `40 s` or `3 min`. */
function durationText(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
