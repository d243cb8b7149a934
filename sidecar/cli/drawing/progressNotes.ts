import type { Clock } from '../../process/clock.ts';
import type { Terminal } from '../terminal.ts';

/** The first line comes so long after the work began, and others no sooner after one another. */
const intervalMs = 10_000;
/** A line is worth it for this share of the whole, and in any case after this time, which shows that it goes on. */
const tellingShare = 0.05;
const longestSilenceMs = 5 * 60_000;

interface Progress {
  /** Another piece of work than the one before, such as checking after downloading, is said at the next turn. */
  readonly what: string;
  /** Part of the whole that is done, 0…1; null where that is not known. */
  readonly share: number | null;
  readonly line: () => string;
}

/** Progress where it goes to a file or a pipe: a line now and then of work that takes long, none of what is quick. */
export class ProgressNotes {
  readonly #note: Terminal['note'];
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  #latest: Progress | null = null;
  #told: Progress | null = null;
  #toldMs = 0;
  #turnMs = 0;
  #callOff: (() => void) | null = null;

  constructor({ note }: Pick<Terminal, 'note'>, clock: Pick<Clock, 'now' | 'after'>) {
    this.#note = note;
    this.#clock = clock;
  }

  /** Notes how far the work is. `line` is called only when a line is due. */
  report(progress: Progress): void {
    this.#latest = progress;
    if (this.#callOff === null) this.#wait();
    // Work that never lets a timer run reports by itself.
    else if (this.#clock.now() >= this.#turnMs) this.#tell();
  }

  /** Ends the notes. */
  end(): void {
    this.#callOff?.();
    this.#callOff = null;
    this.#latest = null;
  }

  #wait(): void {
    this.#callOff?.();
    this.#turnMs = this.#clock.now() + intervalMs;
    this.#callOff = this.#clock.after(intervalMs, this.#tell);
  }

  readonly #tell = (): void => {
    this.#wait();
    const latest = this.#latest;
    if (latest === null || !this.#isWorthIt(latest)) return;
    this.#told = latest;
    this.#toldMs = this.#clock.now();
    this.#note(latest.line());
  };

  #isWorthIt({ what, share }: Progress): boolean {
    const told = this.#told;
    if (told === null || told.what !== what || share === null) return true;
    if (this.#clock.now() - this.#toldMs >= longestSilenceMs) return true;
    return share - (told.share ?? 0) >= tellingShare;
  }
}
