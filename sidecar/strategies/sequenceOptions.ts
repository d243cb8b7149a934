import type { SequenceOptions } from '../engine/engine.ts';

/** How a request's sequences are decoded: who names a seed wants the same text again, all others want it fast. */
export function sequenceOptionsFor(
  priority: SequenceOptions['priority'],
  seed: number | undefined,
): SequenceOptions {
  return { priority, isReproducible: seed !== undefined };
}
