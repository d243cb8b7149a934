import { assertNever } from '../../../protocol/assertNever.ts';
import type { SelectorId } from '../../../protocol/traceEvent.ts';
import { bestByValue } from './bestByValue.ts';
import { bestOfMajority } from './bestOfMajority.ts';
import { checklistJudge } from './checklistJudge.ts';
import { confidenceVote } from './confidenceVote.ts';
import { contextCheck } from './contextCheck.ts';
import { hedgeVote } from './hedgeVote.ts';
import { majorityVote } from './majorityVote.ts';
import { minimumRisk } from './minimumRisk.ts';
import { mostConfidentVote } from './mostConfidentVote.ts';
import { ruleSelector } from './ruleSelector.ts';
import type { Selector } from './selector.ts';
import { steadinessVote } from './steadinessVote.ts';
import { valueVote } from './valueVote.ts';
import { verifiedCode } from './verifiedCode.ts';

/** The selector of a name. */
export function createSelector(id: SelectorId): Selector {
  switch (id) {
    case 'majority':
      return ruleSelector(majorityVote);
    case 'bestOfMajority':
      return ruleSelector(bestOfMajority);
    case 'confidenceWeighted':
      return ruleSelector(confidenceVote);
    case 'mostConfident':
      return ruleSelector(mostConfidentVote);
    case 'entropySteadiness':
      return ruleSelector(steadinessVote);
    case 'hedgeWeighted':
      return ruleSelector(hedgeVote);
    case 'minimumRisk':
      return ruleSelector(minimumRisk);
    case 'checklistJudge':
      return checklistJudge;
    case 'contextCheck':
      return contextCheck;
    case 'valueWeighted':
      return valueVote;
    case 'bestByValue':
      return bestByValue;
    case 'verifiedCode':
      return verifiedCode;
    default:
      return assertNever(id);
  }
}
