import { CodedError } from '../../../protocol/codedError.ts';
import { onAbort } from '../../process/onAbort.ts';
import { cancelled } from '../cancelled.ts';
import { type AskedServer, networkFailure, tooSlow } from './serverFailure.ts';

/**
 * Bounds how long one exchange with a server may be silent, and ends it with its caller's signal. Its owner calls `dispose`
 * when the exchange is over.
 */
export class Patience {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #stopListening: () => void;
  #timer: NodeJS.Timeout | null = null;
  #waitedMs: number | null = null;
  #isEnding = false;

  constructor(caller: AbortSignal) {
    this.#caller = caller;
    this.#stopListening = onAbort(caller, () => {
      this.#controller.abort();
    });
    if (caller.aborted) this.#controller.abort();
  }

  /** Aborted when the caller is, or the server was silent for too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The server may be silent for this long from now on. */
  allow(silentMs: number): void {
    if (!this.#isEnding) this.#start(silentMs);
  }

  /** The exchange is over after this long, whatever comes until then and is allowed later. */
  allowAtMost(leftMs: number): void {
    this.#isEnding = true;
    this.#start(leftMs);
  }

  /** Nothing is waited for from now on. */
  rest(): void {
    if (!this.#isEnding) this.#stop();
  }

  /** What a step of the exchange gives. Rejects when it is ended, though the step itself may then never settle. */
  async unless<T>(step: Promise<T>): Promise<T> {
    const { signal } = this.#controller;
    let stopListening = (): void => undefined;
    const ended = new Promise<never>((_, reject) => {
      const end = (): void => {
        reject(new Error('The exchange was ended.'));
      };
      stopListening = onAbort(signal, end);
      if (signal.aborted) end();
    });
    try {
      return await Promise.race([step, ended]);
    } finally {
      stopListening();
    }
  }

  /** The error for what ended the exchange. A coded error passes through. */
  failure(thrown: unknown, server: AskedServer): CodedError {
    if (thrown instanceof CodedError) return thrown;
    if (this.#caller.aborted) return cancelled();
    if (this.#waitedMs !== null) return tooSlow(server.address, this.#waitedMs);
    return networkFailure(thrown, server);
  }

  /** Ends what is still open. */
  dispose(): void {
    this.#stopListening();
    this.#stop();
    this.#controller.abort();
  }

  #start(silentMs: number): void {
    this.#stop();
    this.#timer = setTimeout(() => {
      this.#waitedMs = silentMs;
      this.#controller.abort();
    }, silentMs);
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
