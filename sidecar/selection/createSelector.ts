import { assertNever } from '../../protocol/assertNever.ts';
import type { SelectorId } from '../../protocol/traceEvent.ts';
import { bestOfMajority } from './bestOfMajority.ts';
import { majorityVote } from './majorityVote.ts';
import { ruleSelector } from './ruleSelector.ts';
import type { Selector } from './selector.ts';

/** The selector of a name. */
export function createSelector(id: SelectorId): Selector {
  switch (id) {
    case 'majority':
      return ruleSelector(majorityVote);
    case 'bestOfMajority':
      return ruleSelector(bestOfMajority);
    default:
      return assertNever(id);
  }
}
