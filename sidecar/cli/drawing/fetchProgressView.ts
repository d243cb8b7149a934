import type { FetchProgress } from '../../../protocol/messages.ts';
import type { Clock } from '../../process/clock.ts';
import type { Terminal } from '../terminal.ts';
import { fetchProgressLine } from './fetchProgressLine.ts';
import { ProgressNotes } from './progressNotes.ts';

/** Wide enough for every part; a log has no width. */
const plainColumns = 120;

/** Shows a fetch: one line redrawn on a terminal, a plain line on stderr now and then elsewhere. */
export class FetchProgressView {
  readonly #modelName: string;
  readonly #terminal: Terminal;
  readonly #notes: ProgressNotes;

  constructor(modelName: string, terminal: Terminal, clock: Clock) {
    this.#modelName = modelName;
    this.#terminal = terminal;
    this.#notes = new ProgressNotes(terminal, clock);
  }

  show(progress: FetchProgress): void {
    const { phase, doneBytes, totalBytes } = progress;
    const lineOf = (columns: number): string => fetchProgressLine(this.#modelName, progress, columns);
    if (this.#terminal.progress.isTerminal) {
      this.#terminal.paint([lineOf(this.#terminal.progress.columns())]);
    } else {
      const share = totalBytes ? doneBytes / totalBytes : null;
      this.#notes.report({ what: phase, share, line: () => lineOf(plainColumns) });
    }
  }

  /** Takes the redrawn line away. */
  end(): void {
    this.#notes.end();
    if (this.#terminal.progress.isTerminal) this.#terminal.paint([]);
  }
}
