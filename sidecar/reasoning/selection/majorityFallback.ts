import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import { majorityVote } from './majorityVote.ts';
import { ruleSelector } from './ruleSelector.ts';
import type { Ballot, Selection, SelectionContext } from './selector.ts';

/**
 * The majority in place of a selector that cannot do its work; `why` is a sentence for the log, or null where there was
 * no work to do.
 */
export async function* fallBackToMajority(
  ballots: readonly Ballot[],
  why: string | null,
  { context, signal }: { readonly context: SelectionContext; readonly signal: AbortSignal },
): AsyncGenerator<SearchEvent, Selection | null, void> {
  if (why !== null) yield { type: 'decision/made', kind: 'selectionFellBack', candidateId: null, why };
  return yield* ruleSelector(majorityVote).select(ballots, context, signal);
}
