import type { DraftSource } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';

export interface SpeculationTotal {
  readonly source: DraftSource;
  readonly drafted: number;
  readonly accepted: number;
  /** Mean tokens of a draft; 0 when nothing was drafted. */
  readonly meanLength: number;
  /** 0…1; 0 when nothing was drafted. */
  readonly acceptance: number;
}

/** Drafted and accepted tokens by source, summed over the request, in order of first appearance. Pure. */
export function speculationTotals(measured: TraceState['speculation']): readonly SpeculationTotal[] {
  const sums = new Map<DraftSource, Record<'drafts' | 'drafted' | 'accepted', number>>();
  for (const { source, draftCount, draftedTokenCount, acceptedTokenCount } of measured) {
    const sum = sums.get(source) ?? { drafts: 0, drafted: 0, accepted: 0 };
    sums.set(source, {
      drafts: sum.drafts + draftCount,
      drafted: sum.drafted + draftedTokenCount,
      accepted: sum.accepted + acceptedTokenCount,
    });
  }
  return [...sums].map(([source, { drafts, drafted, accepted }]) => ({
    source,
    drafted,
    accepted,
    meanLength: drafts === 0 ? 0 : drafted / drafts,
    acceptance: drafted === 0 ? 0 : accepted / drafted,
  }));
}
