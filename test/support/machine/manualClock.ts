import type { Clock } from '../../../sidecar/process/clock.ts';

/** A clock that moves only when told to. Starts at 0 ms, on the first of January 2026, 00:00 UTC. */
export class ManualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly run: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#nowMs);
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const timer of [...this.#timers]) {
      if (timer.atMs > this.#nowMs) continue;
      this.#timers.delete(timer);
      timer.run();
    }
  }
}

/** A clock by which each look at it takes a millisecond: time goes with the work, however busy the machine is. */
export class WorkClock extends ManualClock {
  override now(): number {
    this.advance(1);
    return super.now();
  }
}
