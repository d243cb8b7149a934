/**
 * The most that measuring takes of the first use of a model on a machine, less than five seconds in all: while it is loaded how many
 * threads are best and what drafts cost, and later, at rest, how fast it reads and writes.
 */
export const mostMeasuringMs = { threads: 600, drafts: 2_400, atRest: 1_900 } as const;

/** What the calls of one measurement may take together. A native call cannot be stopped, so one that would not fit is not begun. */
export class MeasuringTime {
  readonly #now: () => number;
  readonly #endMs: number;

  /** `now` in milliseconds, monotonic. */
  constructor(mostMs: number, now: () => number) {
    this.#now = now;
    this.#endMs = now() + mostMs;
  }

  /** Whether a call that takes so long still fits. */
  hasRoomFor(expectedMs: number): boolean {
    return this.#now() + expectedMs <= this.#endMs;
  }
}
