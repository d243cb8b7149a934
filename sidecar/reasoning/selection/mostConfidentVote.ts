import { decideAmongSurest } from './confidenceVote.ts';
import type { SelectionRule } from './ruleSelector.ts';

/** As `confidenceVote`, but only the surest tenth votes (η = 10): of ten candidates or fewer, the surest alone. */
export const mostConfidentVote: SelectionRule = {
  id: 'mostConfident',
  decide: (ballots) => decideAmongSurest(ballots, 0.1),
  takenWithoutAgreement: 'the surest',
};
