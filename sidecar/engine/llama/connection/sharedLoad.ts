import { onAbort } from '../../../process/onAbort.ts';
import { cancelled } from '../../cancelled.ts';

/**
 * One loading that any number of callers wait for, each until its own signal. Once all have given up it is
 * cancelled, and what it brings all the same is disposed: nobody is there to own it.
 */
export class SharedLoad<T extends { dispose(): Promise<void> }> {
  readonly #cancellation = new AbortController();
  readonly #loaded: Promise<T>;
  #waiting = 0;

  /** `load` starts at once and ends early when its signal is aborted. */
  constructor(load: (signal: AbortSignal) => Promise<T>) {
    const { signal } = this.#cancellation;
    this.#loaded = load(signal).then(async (loaded) => {
      if (!signal.aborted) return loaded;
      await loaded.dispose();
      throw cancelled();
    });
    // Reported to those who wait; there may be none left.
    this.#loaded.catch(() => undefined);
  }

  /** Nobody waits any more: the next caller must start another. */
  get isCancelled(): boolean {
    return this.#cancellation.signal.aborted;
  }

  /** What was loaded, or why it was not. Throws `cancelled` as soon as the signal, not aborted yet, is. */
  async wait(signal: AbortSignal): Promise<T> {
    this.#waiting += 1;
    let giveUp: () => void = () => undefined;
    const givenUp = new Promise<never>((_, reject) => {
      giveUp = () => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#cancellation.abort();
        reject(cancelled());
      };
    });
    const stopListening = onAbort(signal, giveUp);
    try {
      return await Promise.race([this.#loaded, givenUp]);
    } finally {
      stopListening();
    }
  }

  /** Ends the loading, also where somebody waits for it. */
  cancel(): void {
    this.#cancellation.abort();
  }
}
