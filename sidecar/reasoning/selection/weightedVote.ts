import { compareEqualGroups, groupsOf, voters } from './answerGroups.ts';
import type { Selection, Vote } from './selector.ts';

/**
 * The answer whose votes weigh most together; `weightOf` gives each vote's weight, at least 0. A tie goes to the
 * shorter median length, then to the earliest candidate. The text is that of the answer's heaviest vote, the earliest
 * of equals. Null without votes.
 */
export function weightedVote(votes: readonly Vote[], weightOf: (vote: Vote) => number): Selection | null {
  const ranked = groupsOf(votes)
    .map((group) => ({ group, weight: group.votes.reduce((sum, vote) => sum + weightOf(vote), 0) }))
    .sort((a, b) => b.weight - a.weight || compareEqualGroups(a.group, b.group));
  const winner = ranked[0]?.group;
  if (winner === undefined) return null;
  const heaviest = winner.votes.reduce((best, vote) => (weightOf(vote) > weightOf(best) ? vote : best));
  return {
    candidateId: heaviest.candidateId,
    tallies: ranked.map(({ group, weight }) => {
      return { answer: group.answer, candidateIds: voters(group), weight };
    }),
  };
}
