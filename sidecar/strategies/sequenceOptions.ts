import type { SequenceOptions } from '../engine/engine.ts';

/**
 * How a request's sequences are decoded: who names a seed wants the same text again, all others want it fast. A
 * question goes on when its context is full; a completion is about the text around it, and ends.
 */
export function sequenceOptionsFor(
  priority: SequenceOptions['priority'],
  seed: number | undefined,
): SequenceOptions {
  const isReproducible = seed !== undefined;
  return { priority, isReproducible, shiftsContext: priority === 'background' && !isReproducible };
}
