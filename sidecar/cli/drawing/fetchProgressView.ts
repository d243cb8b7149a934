import type { FetchProgress } from '../../../protocol/messages.ts';
import type { Clock } from '../../trace/clock.ts';
import type { Terminal } from '../terminal.ts';
import { fetchProgressLine } from './fetchProgressLine.ts';

/** A log gets a line this often; a terminal redraws one. */
const plainIntervalMs = 5_000;
/** Wide enough for every part; a log has no width. */
const plainColumns = 120;

/** Shows a fetch: one line redrawn on a terminal, a plain line on stderr now and then elsewhere. */
export class FetchProgressView {
  readonly #modelName: string;
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  #phase: FetchProgress['phase'] | null = null;
  #lastPlainMs = -Infinity;

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
    const isDue = this.#clock.now() - this.#lastPlainMs >= plainIntervalMs;
    const isEnd = progress.doneBytes === progress.totalBytes;
    if (progress.phase === this.#phase && !isDue && !isEnd) return;
    this.#phase = progress.phase;
    this.#lastPlainMs = this.#clock.now();
    this.#terminal.note(fetchProgressLine(this.#modelName, progress, plainColumns));
  }

  /** Takes the redrawn line away. */
  end(): void {
    if (this.#terminal.progress.isTerminal) this.#terminal.paint([]);
  }
}
