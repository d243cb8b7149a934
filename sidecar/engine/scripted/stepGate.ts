import { onAbort } from '../../process/onAbort.ts';

/**
 * Lets generations take one step at a time, so that a test decides what happens between two steps without waiting
 * for a clock. Every step of every sequence needs a ticket; sequences get them in the order in which they asked.
 */
export class StepGate {
  #tickets = 0;
  #isOpen = false;
  readonly #parked: (() => void)[] = [];
  readonly #observers = new Set<() => void>();

  /** Sequences that wait for a ticket now. */
  get parkedCount(): number {
    return this.#parked.length;
  }

  /** Resolves with a ticket, or without one when the signal aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    if (this.#isOpen || signal.aborted) return;
    if (this.#tickets > 0) {
      this.#tickets--;
      return;
    }
    await new Promise<void>((resolve) => {
      const leave = (): void => {
        stopListening();
        resolve();
      };
      const abort = (): void => {
        this.#parked.splice(this.#parked.indexOf(leave), 1);
        leave();
      };
      const stopListening = onAbort(signal, abort);
      this.#parked.push(leave);
      for (const observe of [...this.#observers]) observe();
    });
  }

  /** Lets the next `count` steps through, those that wait first. */
  release(count = 1): void {
    for (let ticket = 0; ticket < count; ticket++) {
      const next = this.#parked.shift();
      if (next === undefined) this.#tickets++;
      else next();
    }
  }

  /** Lets everything through from now on. */
  open(): void {
    this.#isOpen = true;
    for (const leave of this.#parked.splice(0)) leave();
  }

  /** Resolves once at least `count` sequences wait for a ticket. */
  async whenParked(count: number): Promise<void> {
    if (this.#parked.length >= count) return;
    await new Promise<void>((resolve) => {
      const observe = (): void => {
        if (this.#parked.length < count) return;
        this.#observers.delete(observe);
        resolve();
      };
      this.#observers.add(observe);
    });
  }
}
