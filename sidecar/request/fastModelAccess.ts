import type { LossyQuality } from '../../protocol/lossyQuality.ts';
import type { SearchEvent } from '../../protocol/traceEvent.ts';
import type { Model } from '../engine/engine.ts';

/** The right to a faster, less able copy of the model that serves, until `release`. */
export interface FastModelLease {
  readonly model: Model;
  /** Null where it was never measured on this machine. */
  readonly quality: LossyQuality | null;
  /** Idempotent. */
  release(): void;
}

/** A lossy model for what the user calls easy, and for classes that it was measured to pay for. */
export interface FastModelAccess {
  /**
   * Waits until it is loaded. Null where there is none, where it cannot be had, and where its tokens are not those of
   * `whole`: then `whole` does the work. Throws `cancelled` alone.
   */
  acquire(whole: Model, signal: AbortSignal): Promise<FastModelLease | null>;
}

/** What the log says when the fast model takes over. */
export function switchedTo({ model, quality }: FastModelLease, why: string): SearchEvent {
  return { type: 'model/switched', model: model.info.identity, why, quality };
}
