import { valueWeight } from '../value/allocation.ts';
import { byValues } from './valuedBallots.ts';
import type { Selector } from './selector.ts';
import { votesOf } from './selector.ts';
import { weightedVote } from './weightedVote.ts';

/**
 * Every vote counts exp(κ · v), v its P(right) by a value head and κ fitted with that head; experimental. Where a candidate has
 * no value, the plain majority.
 */
export const valueVote: Selector = {
  id: 'valueWeighted',
  stopsByValue: true,
  isDecided: () => false,
  select: (ballots, context, scope) =>
    byValues('valueWeighted', ballots, { context, scope }, (valueOf, { kappa }) =>
      weightedVote(votesOf(ballots), (vote) => valueWeight(valueOf(vote), kappa)),
    ),
};
