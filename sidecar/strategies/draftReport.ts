import type { SearchEvent } from '../../protocol/traceEvent.ts';
import type { GenerateResult } from '../engine/engine.ts';
import type { BudgetMeter } from './budgetMeter.ts';

/** Books the drafts of a generation that were decoded in vain and reports them; nothing where none was drafted. */
export function* reportDrafts({ drafts }: GenerateResult, meter: BudgetMeter): Generator<SearchEvent, void> {
  if (drafts === null) return;
  meter.spendRejectedDrafts(drafts.draftedTokenCount - drafts.acceptedTokenCount);
  yield { type: 'speculation/measured', ...drafts };
}
