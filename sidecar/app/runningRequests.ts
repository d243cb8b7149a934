import type { SteerParams } from '../../protocol/messages.ts';
import type { RequestId } from '../../protocol/traceEvent.ts';
import type { Steering } from '../request/steering.ts';

interface Running {
  readonly steering: Steering;
  readonly abort: AbortController;
}

/** The requests under way, so that they can be steered by id and all ended at once. */
export class RunningRequests {
  readonly #running = new Map<RequestId, Running>();
  readonly #whenNone: (() => void)[] = [];

  /** Registers a request. The returned signal aborts with `signal` and when everything is ended. */
  begin(requestId: RequestId, steering: Steering, signal: AbortSignal): AbortSignal {
    const abort = new AbortController();
    this.#running.set(requestId, { steering, abort });
    return AbortSignal.any([signal, abort.signal]);
  }

  end(requestId: RequestId): void {
    this.#running.delete(requestId);
    if (this.#running.size > 0) return;
    for (const tell of this.#whenNone.splice(0)) tell();
  }

  /** Whether none is under way. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  /** Resolves once none is under way. */
  async settled(): Promise<void> {
    if (this.#running.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenNone.push(resolve);
    });
  }

  /** False when the request has ended or could not act on it. */
  steer({ requestId, action }: SteerParams): boolean {
    return this.#running.get(requestId)?.steering.steer(action) ?? false;
  }

  abortAll(): void {
    for (const { abort } of this.#running.values()) abort.abort();
  }
}
