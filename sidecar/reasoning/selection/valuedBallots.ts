import type { SelectorId } from '../../../protocol/traceEvent.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { AllocationRules } from '../value/allocation.ts';
import { fallBackToMajority } from './majorityFallback.ts';
import { reportNoAgreement, castVote } from './ruleSelector.ts';
import { type Ballot, type Selection, type SelectionContext, type Vote, votesOf } from './selector.ts';

type Rule = (valueOf: (vote: Vote) => number, rules: AllocationRules) => Selection | null;

/** Decides by the values of the votes, and reports the vote; the majority decides where one has none. */
export async function byValues(
  id: SelectorId,
  ballots: readonly Ballot[],
  { context, scope }: { readonly context: SelectionContext; readonly scope: RunScope },
  rule: Rule,
): Promise<Selection | null> {
  const rules = context.valueRules ?? null;
  const votes = votesOf(ballots);
  if (rules === null || votes.some(({ value }) => value === undefined || value === null)) {
    const why = 'The value head gave no value of some candidate, so the majority decides.';
    return fallBackToMajority(ballots, votes.length === 0 ? null : why, { context, scope });
  }
  const selection = rule(({ value }) => value ?? 0, rules);
  if (selection === null) return null;
  await scope.events.push(castVote(id, selection));
  await reportNoAgreement(ballots, 'the likeliest', scope.events);
  return selection;
}
