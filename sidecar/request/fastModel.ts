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

/** A lossy model for requests that are easy. Never asked for what is hard, or not known to be easy. */
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
