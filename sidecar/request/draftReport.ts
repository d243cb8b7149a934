import type { GenerateResult } from '../engine/engine.ts';
import type { BudgetMeter } from './budgetMeter.ts';
import type { EventSink } from './eventChannel.ts';

/** Books the drafts of a generation that were decoded in vain and reports them by source. */
export async function reportDrafts(
  { drafts }: GenerateResult,
  meter: BudgetMeter,
  events: EventSink,
): Promise<void> {
  for (const count of drafts) {
    meter.spendRejectedDrafts(count.draftedTokenCount - count.acceptedTokenCount);
    await events.push({ type: 'speculation/measured', ...count });
  }
}
