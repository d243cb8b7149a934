import type { Clock } from '../../trace/clock.ts';
import { fitLine } from '../drawing/cellWidth.ts';
import type { Terminal } from '../terminal.ts';

/** Shares below this say too little of how long the rest takes. */
const leastTellingShare = 0.02;

/**
 * One line redrawn on a terminal, with how long it will take; for programs an object for each new per cent; nothing
 * elsewhere, where the result says it all.
 */
export class WorkProgress {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #isJson: boolean;
  #what = '';
  #startedMs = 0;
  #percent = -1;

  constructor({ terminal, isJson }: { readonly terminal: Terminal; readonly isJson: boolean }, clock: Clock) {
    this.#terminal = terminal;
    this.#isJson = isJson;
    this.#clock = clock;
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
    if (this.#isJson && percent !== this.#percent) {
      this.#percent = percent;
      this.#terminal.print(JSON.stringify({ type: 'progress', what, done, total }));
    }
    if (!this.#terminal.progress.isTerminal) return;
    const left = timeLeft(share, this.#clock.now() - this.#startedMs);
    const line = `${what}: ${percent} %${left === null ? '' : `, ${left} left`}`;
    this.#terminal.paint([fitLine(line, this.#terminal.progress.columns())]);
  };

  clear(): void {
    if (this.#terminal.progress.isTerminal) this.#terminal.paint([]);
  }
}

/** Such as `40 s` or `3 min`; null while too little is done to tell. Pure. */
export function timeLeft(share: number, elapsedMs: number): string | null {
  if (share < leastTellingShare) return null;
  const seconds = (elapsedMs * (1 - share)) / share / 1000;
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
