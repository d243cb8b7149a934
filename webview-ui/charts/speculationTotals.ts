import type { DraftSource } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';

export interface SpeculationTotal {
  readonly source: DraftSource;
  readonly drafted: number;
  readonly accepted: number;
  /** 0…1; 0 when nothing was drafted. */
  readonly acceptance: number;
}

/** Drafted and accepted tokens by source, summed over the request, in order of first appearance. Pure. */
export function speculationTotals(measured: TraceState['speculation']): readonly SpeculationTotal[] {
  const sums = new Map<DraftSource, { drafted: number; accepted: number }>();
  for (const { source, draftedTokenCount, acceptedTokenCount } of measured) {
    const sum = sums.get(source) ?? { drafted: 0, accepted: 0 };
    sums.set(source, {
      drafted: sum.drafted + draftedTokenCount,
      accepted: sum.accepted + acceptedTokenCount,
    });
  }
  return [...sums].map(([source, { drafted, accepted }]) => ({
    source,
    drafted,
    accepted,
    acceptance: drafted === 0 ? 0 : accepted / drafted,
  }));
}
