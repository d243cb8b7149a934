import { assertNever } from '../../protocol/assertNever.ts';

export type SteerAction = 'answerNow' | 'thinkMore' | 'stop';

/** Told of an action; answers whether it could act on it. */
export type SteerListener = (action: SteerAction) => boolean;

/**
 * How a user changes a request while it runs: whoever owns the request calls `steer`, whatever runs listens.
 * A stop also aborts `stopSignal`, which reaches work that has no listener, such as a prefill.
 */
export class Steering {
  readonly #stop = new AbortController();
  readonly #listeners = new Set<SteerListener>();
  #isClosed = false;

  get stopSignal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Returns false when nothing could act on it: the request has ended, or its candidates are past that point. */
  steer(action: SteerAction): boolean {
    if (this.#isClosed) return false;
    switch (action) {
      case 'answerNow':
      case 'thinkMore':
        return this.#tell(action);
      case 'stop':
        this.#tell(action);
        this.#stop.abort();
        return true;
      default:
        return assertNever(action);
    }
  }

  /** Returns the function that takes the listener away again. */
  listen(listener: SteerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Called when the request has ended; refuses every later action. */
  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
  }

  #tell(action: SteerAction): boolean {
    let isAccepted = false;
    for (const listener of [...this.#listeners]) {
      if (listener(action)) isAccepted = true;
    }
    return isAccepted;
  }
}
