import type { RunScope } from '../../request/eventChannel.ts';
import { majorityVote } from './majorityVote.ts';
import { ruleSelector } from './ruleSelector.ts';
import type { Ballot, Selection, SelectionContext } from './selector.ts';

/**
 * The majority in place of a selector that cannot do its work; `why` is a sentence for the log, or null where there was
 * no work to do.
 */
export async function fallBackToMajority(
  ballots: readonly Ballot[],
  why: string | null,
  { context, scope }: { readonly context: SelectionContext; readonly scope: RunScope },
): Promise<Selection | null> {
  if (why !== null)
    await scope.events.push({ type: 'decision/made', kind: 'selectionFellBack', candidateId: null, why });
  return ruleSelector(majorityVote).select(ballots, context, scope);
}
