import type { RememberedProblem } from '../../../protocol/messages.ts';
import { strategyIds } from '../../../protocol/strategyTable.ts';
import type { StrategyMemory } from './strategyMemory.ts';

/** What is remembered, for readers: the kind of problem met last comes first. Pure. */
export function memoryReport({ signatures }: StrategyMemory): readonly RememberedProblem[] {
  return Object.entries(signatures)
    .toSorted(([, a], [, b]) => b.metAt.localeCompare(a.metAt))
    .map(([signature, { metAt, strategies }]) => ({
      signature,
      metAt,
      strategies: strategyIds.flatMap((strategy) => {
        const record = strategies[strategy];
        if (record === undefined) return [];
        const { tries, wins, runs, tokens } = record;
        return [{ strategy, tries, wins, meanTokens: runs === 0 ? null : tokens / runs }];
      }),
    }));
}
