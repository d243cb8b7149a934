import type { SequenceOptions } from '../../engine.ts';

/** Longest wait for one owner: many times what the answer takes, and less than a step of most models. */
export const ownerPatienceMs = 25;

/**
 * Longest wait of background work for an interactive sequence that is about to be opened: meanwhile the other thread may be
 * reading how the document is built, and a step of a question begun then would be waited for.
 */
export const comingPatienceMs = 150;

interface Awaited {
  readonly priority: SequenceOptions['priority'];
  readonly sinceMs: number;
}

/** Owner of an interactive sequence that is about to be opened. */
export const comingOwner = -1;

/**
 * Sequences whose owner on the other thread was just answered and is about to say what comes next. A decode round
 * waits that moment, so that who shares a decode call follows from the requests and not from how the two threads
 * happen to be scheduled. llama.cpp rounds differently for batches of another size, and only so do the same seed and
 * request give the same text. Pure but for the clock it is given.
 */
export class BatchJoinWindow {
  readonly #awaited = new Map<number, Awaited>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The owner of a sequence was answered. */
  answered(sequenceId: number, priority: SequenceOptions['priority']): void {
    this.#awaited.set(sequenceId, { priority, sinceMs: this.#now() });
  }

  /** The owner of a sequence has spoken. */
  heard(sequenceId: number): void {
    this.#awaited.delete(sequenceId);
  }

  /**
   * How long the next round has to wait; 0 when nobody is awaited. Interactive work does not wait for owners of
   * background sequences, which would not be part of its round.
   */
  waitMs(hasInteractiveWork: boolean): number {
    const nowMs = this.#now();
    let waitMs = 0;
    for (const [sequenceId, { priority, sinceMs }] of this.#awaited) {
      const leftMs = sinceMs + ownerPatienceMs - nowMs;
      if (leftMs <= 0) {
        if (sequenceId !== comingOwner) this.#awaited.delete(sequenceId);
      } else if (!hasInteractiveWork || priority === 'interactive') waitMs = Math.max(waitMs, leftMs);
    }
    return waitMs;
  }

  /** How long background work has to wait for interactive owners, those that are about to open a sequence included. */
  get interactiveWaitMs(): number {
    const coming = this.#awaited.get(comingOwner);
    const comingMs = coming === undefined ? 0 : coming.sinceMs + comingPatienceMs - this.#now();
    return Math.max(comingMs, this.waitMs(true));
  }
}
