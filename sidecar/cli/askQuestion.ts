import { setTimeout as delay } from 'node:timers/promises';
import { toCodedError } from '../../protocol/codedError.ts';
import type { AskParams, AskResult, SteerParams } from '../../protocol/messages.ts';
import { steerKeys } from '../../protocol/steerKeys.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { initialTraceState, reduceTrace, type TraceState } from '../../protocol/traceState.ts';
import type { Clock } from '../process/clock.ts';
import { viewPathOf } from '../trace/viewPath.ts';
import { answerText } from './answerText.ts';
import { fitLine } from './drawing/cellWidth.ts';
import { ProgressNotes } from './drawing/progressNotes.ts';
import {
  answerLines,
  costLines,
  progressLine,
  searchLines,
  type ViewOptions,
} from './drawing/requestView.ts';
import { styleFor } from './drawing/style.ts';
import type { SidecarClient } from './sidecarClient.ts';
import type { Terminal } from './terminal.ts';

/** Between two repaints. */
const frameMs = 80;
const steerNames = { answerNow: 'answer now', thinkMore: 'think more', stop: 'stop' } as const;
const steerActions = ['answerNow', 'thinkMore', 'stop'] as const satisfies readonly SteerParams['action'][];
const keysHelp = steerActions.map((action) => `${steerKeys[action]} ${steerNames[action]}`).join(' · ');

/**
 * Asks one question for a reader: draws what happens, live where there is a terminal and a line now and then elsewhere,
 * prints the answer, then says what it cost and where the trace and its HTML view are. Returns the exit code.
 */
export async function askQuestion(
  client: Pick<SidecarClient, 'request'>,
  params: AskParams,
  surroundings: { readonly terminal: Terminal; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<number> {
  const { terminal, clock, signal } = surroundings;
  const drawing = new LiveDrawing(client, terminal, clock);
  let result: AskResult;
  try {
    result = await client.request('entropane/ask', params, {
      signal,
      onPartial: (events) => {
        drawing.take(events);
      },
    });
  } finally {
    await drawing.dispose();
  }
  const text = answerText(result);
  if (text !== '') printAnswer(text, terminal);
  for (const line of costLines(drawing.state, viewOptions(terminal.progress))) terminal.note(line);
  await exportView(client, result, terminal);
  return result.reason === 'cancelled' ? 1 : 0;
}

/** A row of its own beside the others on a terminal; elsewhere the answer and nothing else. */
function printAnswer(text: string, { output, print }: Terminal): void {
  print(output.isTerminal ? answerLines(text, viewOptions(output)).join('\n') : text);
}

/** Writes the view of the answer; a failure is only noted, since the answer is there already. */
async function exportView(
  client: Pick<SidecarClient, 'request'>,
  result: AskResult,
  terminal: Terminal,
): Promise<void> {
  const { requestId, tracePath } = result;
  if (tracePath === null) return;
  const params = { requestId, outputPath: viewPathOf(tracePath) };
  try {
    // Also after Ctrl-C: what was found out by then is what one wants to look at.
    const signal = new AbortController().signal;
    const { path } = await client.request('entropane/traces/export', params, { signal });
    terminal.note(`trace: ${tracePath}`);
    terminal.note(`view:  ${path}`);
  } catch (thrown) {
    const { message, remedy } = toCodedError(thrown);
    terminal.note(`${message}\n${remedy}`);
  }
}

function viewOptions(surface: Terminal['progress']): ViewOptions {
  return { columns: surface.columns(), style: styleFor(surface) };
}

class LiveDrawing {
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
