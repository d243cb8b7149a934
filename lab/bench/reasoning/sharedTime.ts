/**
 * Divides time among those who work side by side, by what they weigh, so that all parts add up to the time that
 * anybody worked.
 */
export class SharedTime {
  readonly #now: () => number;
  readonly #parts = new Map<object, { weight: number; spentMs: number }>();
  #settledMs: number;

  constructor(now: () => number) {
    this.#now = now;
    this.#settledMs = now();
  }

  /** Sum of all weights. */
  get weight(): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + part.weight, 0);
  }

  /** Takes part from now on with this weight, or changes it. */
  weigh(worker: object, weight: number): void {
    this.#settle();
    const part = this.#parts.get(worker);
    if (part === undefined) this.#parts.set(worker, { weight, spentMs: 0 });
    else part.weight = weight;
  }

  /** Takes part no more; returns its milliseconds. */
  leave(worker: object): number {
    this.#settle();
    const spentMs = this.#parts.get(worker)?.spentMs ?? 0;
    this.#parts.delete(worker);
    return spentMs;
  }

  #settle(): void {
    const nowMs = this.#now();
    const { weight } = this;
    for (const part of this.#parts.values()) {
      if (weight > 0) part.spentMs += ((nowMs - this.#settledMs) * part.weight) / weight;
    }
    this.#settledMs = nowMs;
  }
}
