import type { SelectionRule } from './ruleSelector.ts';
import { type Vote, votesOf } from './selector.ts';
import { weightedVote } from './weightedVote.ts';

/** Keeps the weight of a perfectly steady trace finite: it counts ten times as much as one of instability 0.9. */
const leastInstability = 0.1;

/** Every vote counts 1 / (EDIS + 0.1): the steadier the entropy of a trace, the more (arXiv 2602.01288). */
export const steadinessVote: SelectionRule = {
  id: 'entropySteadiness',
  decide: (ballots) => weightedVote(votesOf(ballots), steadiness),
  weightOf: steadiness,
  takenWithoutAgreement: 'the steadiest',
};

function steadiness({ statistics }: Vote): number {
  return 1 / (statistics.entropyInstability + leastInstability);
}
