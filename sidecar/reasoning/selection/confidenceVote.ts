import type { SelectionRule } from './ruleSelector.ts';
import { type Ballot, type Selection, type Vote, votesOf } from './selector.ts';
import { weightedVote } from './weightedVote.ts';

/**
 * Every vote counts as much as its candidate was sure where it was least sure, once the least sure tenth has no vote
 * (DeepConf, arXiv 2508.15260, with η = 90).
 */
export const confidenceVote: SelectionRule = {
  id: 'confidenceWeighted',
  decide: (ballots) => decideAmongSurest(ballots, 0.9),
  weightOf: confidence,
  takenWithoutAgreement: 'the surest',
};

/** The same vote among the surest: at least one candidate, and as many as `keptShare` of them come to, rounded up. Pure. */
export function decideAmongSurest(ballots: readonly Ballot[], keptShare: number): Selection | null {
  const votes = [...votesOf(ballots)].sort(
    (a, b) => confidence(b) - confidence(a) || a.length - b.length || a.candidateId - b.candidateId,
  );
  return weightedVote(votes.slice(0, Math.ceil(keptShare * votes.length)), confidence);
}

/** In nats, never below 0: a mean of surprises. */
function confidence({ statistics }: Vote): number {
  return Math.max(0, statistics.leastGroupConfidence);
}
