import { type AnswerGroup, compareEqualGroups, groupsOf, voters } from './answerGroups.ts';
import type { SelectionRule } from './ruleSelector.ts';
import { type Ballot, type Selection, votesOf } from './selector.ts';

/** Ends the sentence that says what was taken where no two candidates agree. */
export const surestOfAll = 'the one of whose tokens the model was surest on average';

/**
 * The answer that most candidates gave; a tie goes to the shorter median length, then to the earliest candidate. Where no
 * two agree there is nothing to count, and the candidate goes first whose tokens the model was surest of on average. The
 * text is that of the earliest candidate that gave the answer.
 */
export const majorityVote: SelectionRule = {
  id: 'majority',
  decide: countVotes,
  isDecided: isLeadSafe,
  weightOf: () => 1,
  takenWithoutAgreement: surestOfAll,
};

function countVotes(ballots: readonly Ballot[]): Selection | null {
  const groups = [...groupsOf(votesOf(ballots))].sort(
    (a, b) => b.votes.length - a.votes.length || compareLoners(a, b) || compareEqualGroups(a, b),
  );
  const winner = groups[0];
  if (winner === undefined) return null;
  return {
    candidateId: winner.votes[0].candidateId,
    tallies: groups.map((group) => {
      return { answer: group.answer, candidateIds: voters(group), weight: group.votes.length };
    }),
  };
}

/** Answers of one candidate each: the surer first, by mean token confidence. A larger group is decided by its length. */
function compareLoners({ votes: [a, ...more] }: AnswerGroup, { votes: [b] }: AnswerGroup): number {
  return more.length > 0 ? 0 : b.statistics.meanConfidence - a.statistics.meanConfidence;
}

/**
 * Whether the answer in front stays in front however the undecided candidates vote, whatever a tie would come to.
 * `undecidedCount` counts candidates that may still vote.
 */
function isLeadSafe(ballots: readonly Ballot[], undecidedCount: number): boolean {
  const [first = 0, second = 0] = groupsOf(votesOf(ballots))
    .map((group) => group.votes.length)
    .sort((a, b) => b - a);
  return first > second + undecidedCount;
}
