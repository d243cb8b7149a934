import type { FetchProgress } from '../../../protocol/messages.ts';
import type { Clock } from '../../trace/clock.ts';
import type { Terminal } from '../terminal.ts';
import { fetchProgressLine } from './fetchProgressLine.ts';

/** A log gets a line this often at most, and once this share of the whole is new; a terminal redraws one line. */
const plainIntervalMs = 5_000;
const plainShare = 0.1;
/** Wide enough for every part; a log has no width. */
const plainColumns = 120;

/** Shows a fetch: one line redrawn on a terminal, a plain line on stderr now and then elsewhere. */
export class FetchProgressView {
  readonly #modelName: string;
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  #phase: FetchProgress['phase'] | null = null;
  #lastPlainMs = -Infinity;
  #lastPlainBytes = 0;

  constructor(modelName: string, terminal: Terminal, clock: Clock) {
    this.#modelName = modelName;
    this.#terminal = terminal;
    this.#clock = clock;
  }

  show(progress: FetchProgress): void {
    if (this.#terminal.progress.isTerminal) {
      const line = fetchProgressLine(this.#modelName, progress, this.#terminal.progress.columns());
      this.#terminal.paint([line]);
      return;
    }
    const { phase, doneBytes, totalBytes } = progress;
    const isLate = this.#clock.now() - this.#lastPlainMs >= plainIntervalMs;
    const isFar = doneBytes - this.#lastPlainBytes >= plainShare * (totalBytes ?? 0);
    const isEnd = doneBytes === totalBytes;
    if (phase === this.#phase && !(isLate && isFar) && !isEnd) return;
    this.#phase = phase;
    this.#lastPlainMs = this.#clock.now();
    this.#lastPlainBytes = doneBytes;
    this.#terminal.note(fetchProgressLine(this.#modelName, progress, plainColumns));
  }

  /** Takes the redrawn line away. */
  end(): void {
    if (this.#terminal.progress.isTerminal) this.#terminal.paint([]);
  }
}
