import { rankFrequent } from './bestOfMajority.ts';
import type { Selector } from './selector.ts';
import { byValues } from './valuedBallots.ts';

/**
 * Best-of-Majority (arXiv 2510.03199) with a value head as its reward: among the answers that enough candidates gave, the one
 * whose candidates have the highest mean P(right); experimental. Where a candidate has no value, the plain majority.
 */
export const bestByValue: Selector = {
  id: 'bestByValue',
  isDecided: () => false,
  select: (ballots, context, scope) =>
    byValues('bestByValue', ballots, { context, scope }, (valueOf) => rankFrequent(ballots, valueOf)),
};
