import { setTimeout as delay } from 'node:timers/promises';
import type { SteerParams } from '../../protocol/messages.ts';
import { steerKeys } from '../../protocol/steerKeys.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { initialTraceState, reduceTrace, type TraceState } from '../../protocol/traceState.ts';
import type { Clock } from '../process/clock.ts';
import { fitLine } from './drawing/cellWidth.ts';
import { ProgressNotes } from './drawing/progressNotes.ts';
import { costLines, progressLine, searchLines, type ViewOptions } from './drawing/requestView.ts';
import { styleFor } from './drawing/style.ts';
import type { SidecarClient } from './sidecarClient.ts';
import type { Terminal } from './terminal.ts';

/** Between two repaints. */
const frameMs = 80;
const steerNames = { answerNow: 'answer now', thinkMore: 'think more', stop: 'stop' } as const;
const steerActions = ['answerNow', 'thinkMore', 'stop'] as const satisfies readonly SteerParams['action'][];
const keysHelp = steerActions.map((action) => `${steerKeys[action]} ${steerNames[action]}`).join(' · ');

/** How a request is drawn on one of the streams. */
export function viewOptions(surface: Terminal['progress']): ViewOptions {
  return { columns: surface.columns(), style: styleFor(surface) };
}

/** Draws a request while it runs: live where there is a terminal, which keys steer, and a line now and then elsewhere. Dispose it. */
export class LiveDrawing {
  state: TraceState = initialTraceState;
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #notes: ProgressNotes;
  #startedMs: number | null = null;
  readonly #releaseKeys: () => void;
  readonly #end = new AbortController();
  readonly #loop: Promise<void>;

  constructor(client: Pick<SidecarClient, 'request'>, terminal: Terminal, clock: Clock) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#notes = new ProgressNotes(terminal, clock);
    this.#releaseKeys =
      terminal.readKeys?.((key) => {
        const action = steerActions.find((candidate) => steerKeys[candidate] === key.toLowerCase());
        const requestId = this.state.started?.requestId;
        if (action === undefined || requestId === undefined) return;
        // A request that has just ended accepts no more; its end is on its way.
        client
          .request('entropane/steer', { requestId, action }, { signal: this.#end.signal })
          .catch(() => undefined);
      }) ?? (() => undefined);
    this.#loop = terminal.progress.isTerminal ? this.#repaint() : Promise.resolve();
  }

  take(events: readonly TraceEvent[]): void {
    this.state = events.reduce(reduceTrace, this.state);
    this.#startedMs ??= this.#clock.now();
    if (!this.#terminal.progress.isTerminal)
      this.#notes.report({ what: 'search', share: null, line: this.#progressLine });
  }

  readonly #progressLine = (): string => {
    const now = this.#clock.now();
    return progressLine(this.state, now - (this.#startedMs ?? now));
  };

  /** Leaves the search standing, without what is said of it at its end. */
  async dispose(): Promise<void> {
    this.#releaseKeys();
    this.#end.abort();
    this.#notes.end();
    await this.#loop;
    const { progress, note, paint, leave } = this.#terminal;
    if (this.state.started === null) return;
    const lines = searchLines(this.state, viewOptions(progress));
    if (progress.isTerminal) {
      paint(lines);
      leave();
    } else {
      note(lines.join('\n'));
    }
  }

  async #repaint(): Promise<void> {
    while (!this.#end.signal.aborted) {
      // Until then the notes on the engine say what one waits for.
      if (this.state.started !== null) this.#terminal.paint(this.#runningLines());
      await delay(frameMs, undefined, { signal: this.#end.signal }).catch(() => undefined);
    }
  }

  #runningLines(): readonly string[] {
    const { progress, readKeys } = this.#terminal;
    const options = viewOptions(progress);
    return [
      ...searchLines(this.state, options),
      ...costLines(this.state, options),
      ...(readKeys === null ? [] : [options.style.dim(fitLine(keysHelp, options.columns))]),
    ];
  }
}
