import type { TokenStep } from '../../engine.ts';

/**
 * Batches of steps between the thread's messages and one consumer: what arrives while the consumer is busy waits.
 * Ends when it is closed and empty.
 */
export class StepQueue implements AsyncIterable<readonly TokenStep[]> {
  #batches: (readonly TokenStep[])[] = [];
  #isClosed = false;
  #wake: (() => void) | null = null;

  push(steps: readonly TokenStep[]): void {
    this.#batches.push(steps);
    this.#wake?.();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  /** Takes what nobody consumed. */
  rest(): readonly (readonly TokenStep[])[] {
    const batches = this.#batches;
    this.#batches = [];
    return batches;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly TokenStep[], void, void> {
    for (;;) {
      const batch = this.#batches.shift();
      if (batch !== undefined) {
        yield batch;
      } else if (this.#isClosed) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = null;
      }
    }
  }
}
