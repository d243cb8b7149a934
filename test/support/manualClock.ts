import type { Clock } from '../../sidecar/trace/clock.ts';

/** A clock that moves only when told to. Starts at 0 ms, on the first of January 2026, 00:00 UTC. */
export class ManualClock implements Clock {
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  date(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#nowMs);
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}
