import { failedEvent } from '../../protocol/closedTrace.ts';
import type { ErrorData } from '../../protocol/codedError.ts';
import type { RequestId, TraceEvent } from '../../protocol/traceEvent.ts';

/** Finished requests whose events stay in memory; older ones are read from their trace files. */
const keptFinishedCount = 4;

/** The events of requests of this window, so that a panel that opens late or again misses nothing. */
export class FollowedTraces {
  /** In order of starting. */
  readonly #events = new Map<RequestId, TraceEvent[]>();
  readonly #running = new Set<RequestId>();

  /** Takes up a batch of one request and returns its id: from the batch where it starts one, else as given. */
  append(requestId: RequestId | null, events: readonly TraceEvent[]): RequestId | null {
    let id = requestId;
    for (const event of events) {
      if (event.type === 'request/started') {
        id = event.requestId;
        this.#events.set(id, []);
        this.#running.add(id);
      }
      if (id === null) continue;
      this.#events.get(id)?.push(event);
      if (event.type === 'request/finished' || event.type === 'request/failed') this.#finish(id);
    }
    return id;
  }

  /** Closes a request that the sidecar can no longer close, and returns the event that does so, if it was open. */
  fail(requestId: RequestId, error: ErrorData): TraceEvent | null {
    if (!this.#running.has(requestId)) return null;
    const event = failedEvent(this.#events.get(requestId) ?? [], error);
    this.append(requestId, [event]);
    return event;
  }

  /** All events so far, or null for a request that is not in memory. */
  eventsOf(requestId: RequestId): readonly TraceEvent[] | null {
    return this.#events.get(requestId) ?? null;
  }

  /** The request that started last and has not ended, or null. */
  get lastRunning(): RequestId | null {
    return [...this.#running].at(-1) ?? null;
  }

  isRunning(requestId: RequestId): boolean {
    return this.#running.has(requestId);
  }

  #finish(requestId: RequestId): void {
    this.#running.delete(requestId);
    const finished = [...this.#events.keys()].filter((id) => !this.#running.has(id));
    for (const id of finished.slice(0, -keptFinishedCount)) this.#events.delete(id);
  }
}
