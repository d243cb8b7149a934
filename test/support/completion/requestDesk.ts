import type { Insertion } from '../../../extension/inlineCompletion/cursorWindow.ts';
import type { Ask, FlightResult } from '../../../extension/inlineCompletion/flight.ts';
import type { EngineRequest } from '../../../extension/inlineCompletion/ghostText.ts';
import type { CompletionReport } from '../../../protocol/messages.ts';

export const someReport: CompletionReport = {
  requestId: 'r-1',
  suppressed: null,
  model: 'qwen2.5-coder-0.5b',
  promptTokenCount: 100,
  cachedTokenCount: 90,
  generatedTokenCount: 7,
  timing: { timeToFirstTokenMs: 50, decodeTokensPerSecond: 40 },
  durationMs: 200,
};

/** A request that waits to be answered by the test. */
export class OpenRequest {
  readonly request: EngineRequest;
  readonly signal: AbortSignal;
  readonly #onProgress: Parameters<Ask>[0];
  readonly #resolve: (result: FlightResult) => void;

  constructor(
    request: EngineRequest,
    on: { progress: Parameters<Ask>[0]; resolve: (result: FlightResult) => void; signal: AbortSignal },
  ) {
    this.request = request;
    this.signal = on.signal;
    this.#onProgress = on.progress;
    this.#resolve = on.resolve;
    // As the sidecar answers a request that is cancelled.
    on.signal.addEventListener('abort', () => {
      on.resolve({ type: 'quiet', reason: 'cancelled', report: someReport });
    });
  }

  write(text: string): void {
    this.#onProgress([{ type: 'written', text }]);
  }

  endLine(text: string): void {
    this.#onProgress([
      { type: 'written', text: `${text}\n` },
      { type: 'lines', item: { text, replacedLength: 0, meanLogprob: -1 } },
    ]);
  }

  answer(...texts: readonly string[]): void {
    this.replace(...texts.map((text) => ({ text, replacedLength: 0 })));
  }

  replace(...items: readonly Insertion[]): void {
    this.#resolve({ type: 'items', items, report: someReport });
  }

  answerNothing(reason: Extract<FlightResult, { type: 'quiet' }>['reason']): void {
    this.#resolve({ type: 'quiet', reason, report: someReport });
  }
}

/** Takes requests in place of the engine, in the order in which they come. */
export class RequestDesk {
  readonly requests: OpenRequest[] = [];

  readonly ask = (request: EngineRequest): Ask => {
    return (progress, signal) =>
      new Promise((resolve) => {
        this.requests.push(new OpenRequest(request, { progress, resolve, signal }));
      });
  };

  /** The last that came. */
  get last(): OpenRequest {
    const last = this.requests.at(-1);
    if (last === undefined) throw new Error('Nothing was asked of the engine.');
    return last;
  }

  get openCount(): number {
    return this.requests.filter(({ signal }) => !signal.aborted).length;
  }
}
