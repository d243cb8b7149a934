import type { Clock } from '../../trace/clock.ts';
import { timeLeft } from '../prune/workProgress.ts';
import type { Terminal } from '../terminal.ts';

/** Parts of a piece of work after which a note is due. */
const noteCount = 50;

/** Progress of hours of work where it goes to a file: a note now and then, with the time that is left. */
export class StepNotes {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  #what = '';
  #startedMs = 0;
  #notedParts = 0;

  constructor(terminal: Terminal, clock: Clock) {
    this.#terminal = terminal;
    this.#clock = clock;
  }

  /** `what` is under way: `done` of `total`. Time is counted from its first call. */
  report(what: string, done: number, total: number): void {
    if (this.#terminal.progress.isTerminal || total === 0) return;
    if (what !== this.#what) {
      this.#what = what;
      this.#startedMs = this.#clock.now();
      this.#notedParts = 0;
    }
    const parts = Math.floor((noteCount * done) / total);
    if (parts === this.#notedParts) return;
    this.#notedParts = parts;
    const left = timeLeft(done / total, this.#clock.now() - this.#startedMs);
    this.#terminal.note(`${what}: ${done} of ${total}${left === null ? '' : `, ${left} left`}`);
  }
}
