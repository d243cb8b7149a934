import type { DifficultyClass } from '../../../protocol/traceEvent.ts';

/**
 * Whether a model suffices for a question that it finds this hard: hard is what it often gets wrong (DiffAdapt,
 * 2510.19669), and left to the next larger one where there is one. Pure.
 */
export function isSufficient(difficulty: DifficultyClass): boolean {
  return difficulty !== 'hard';
}
