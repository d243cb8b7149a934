import type { SearchEvent } from '../../protocol/traceEvent.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { BudgetMeter } from './budgetMeter.ts';

/** Books the drafts of a generation that were decoded in vain and reports them by source. */
export function* reportDrafts({ drafts }: GenerateResult, meter: BudgetMeter): Generator<SearchEvent, void> {
  for (const count of drafts) {
    meter.spendRejectedDrafts(count.draftedTokenCount - count.acceptedTokenCount);
    yield { type: 'speculation/measured', ...count };
  }
}
