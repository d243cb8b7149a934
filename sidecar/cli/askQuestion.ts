import { setTimeout as delay } from 'node:timers/promises';
import type { AskParams, AskResult, SteerParams } from '../../protocol/messages.ts';
import { initialTraceState, reduceTrace, type TraceState } from '../../protocol/traceState.ts';
import { Painter } from './drawing/painter.ts';
import { printable } from './drawing/cellWidth.ts';
import { requestView } from './drawing/requestView.ts';
import { styleFor } from './drawing/style.ts';
import type { SidecarClient } from './sidecarClient.ts';
import type { Terminal } from './terminal.ts';

/** Between two repaints. */
const frameMs = 80;
const keysHelp = 'a answer now · m think more · s stop';
const keyActions: Readonly<Record<string, SteerParams['action']>> = {
  a: 'answerNow',
  m: 'thinkMore',
  s: 'stop',
  // Ctrl-C arrives as a key while keys are read raw.
  '\u0003': 'stop',
};

/** Asks one question and draws what happens, live where there is a terminal; otherwise a plain summary at the end. */
export async function askQuestion(
  client: SidecarClient,
  params: AskParams,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<AskResult> {
  const drawing = new LiveDrawing(client, terminal);
  try {
    return await client.request('entropane/ask', params, {
      signal,
      onPartial: (events) => {
        drawing.take(events.reduce(reduceTrace, drawing.state));
      },
    });
  } finally {
    await drawing.dispose();
  }
}

/** The text of an answer, safe to print. */
export function answerText({ text, answer }: AskResult): string {
  return printable(text).trim() || (answer ?? '');
}

class LiveDrawing {
  state: TraceState = initialTraceState;
  readonly #terminal: Terminal;
  readonly #painter: Painter | null;
  readonly #releaseKeys: () => void;
  readonly #end = new AbortController();
  readonly #loop: Promise<void>;

  constructor(client: SidecarClient, terminal: Terminal) {
    this.#terminal = terminal;
    this.#painter = terminal.isInteractive ? new Painter(terminal) : null;
    this.#releaseKeys =
      terminal.readKeys?.((key) => {
        const action = keyActions[key.toLowerCase()];
        const requestId = this.state.started?.requestId;
        if (action === undefined || requestId === undefined) return;
        // A request that has just ended accepts no more; its end is on its way.
        client
          .request('entropane/steer', { requestId, action }, { signal: this.#end.signal })
          .catch(() => undefined);
      }) ?? (() => undefined);
    this.#loop = this.#painter === null ? Promise.resolve() : this.#repaint(this.#painter);
  }

  take(state: TraceState): void {
    this.state = state;
  }

  async dispose(): Promise<void> {
    this.#releaseKeys();
    this.#end.abort();
    await this.#loop;
    if (this.#painter === null) {
      if (this.state.started !== null) this.#terminal.note(this.#lines().join('\n'));
      return;
    }
    this.#painter.paint(this.#lines());
    this.#painter.dispose();
  }

  async #repaint(painter: Painter): Promise<void> {
    while (!this.#end.signal.aborted) {
      painter.paint(this.#lines());
      await delay(frameMs, undefined, { signal: this.#end.signal }).catch(() => undefined);
    }
  }

  #lines(): readonly string[] {
    const { columns, readKeys } = this.#terminal;
    return requestView(this.state, {
      columns: columns(),
      style: styleFor(this.#terminal),
      keys: readKeys === null ? '' : keysHelp,
    });
  }
}
