import { compareEqualParties, partiesOf, voters } from './answerParties.ts';
import { votesOf, type Ballot, type Selection } from './selector.ts';
import type { SelectionRule } from './ruleSelector.ts';

/**
 * The answer that most candidates gave; a tie goes to the shorter median length, then to the earliest candidate. The
 * text is that of the earliest candidate that gave the answer.
 */
export const majorityVote: SelectionRule = {
  id: 'majority',
  decide: countVotes,
  isDecided: isLeadSafe,
  takenWithoutAgreement: 'the shortest',
};

function countVotes(ballots: readonly Ballot[]): Selection | null {
  const parties = [...partiesOf(votesOf(ballots))].sort(
    (a, b) => b.votes.length - a.votes.length || compareEqualParties(a, b),
  );
  const winner = parties[0];
  if (winner === undefined) return null;
  return {
    candidateId: winner.votes[0].candidateId,
    tallies: parties.map((party) => {
      return { answer: party.answer, candidateIds: voters(party), weight: party.votes.length };
    }),
  };
}

/**
 * Whether the answer in front stays in front however the undecided candidates vote, whatever a tie would come to.
 * `undecided` counts candidates that may still vote.
 */
function isLeadSafe(ballots: readonly Ballot[], undecided: number): boolean {
  const [first = 0, second = 0] = partiesOf(votesOf(ballots))
    .map((party) => party.votes.length)
    .sort((a, b) => b - a);
  return first > second + undecided;
}
