import { mean } from '../../numeric/mean.ts';
import { type AnswerGroup, compareEqualGroups, groupsOf, voters } from './answerGroups.ts';
import { majorityVote, surestOfAll } from './majorityVote.ts';
import type { SelectionRule } from './ruleSelector.ts';
import { type Ballot, type Selection, type Vote, votesOf } from './selector.ts';

/** Share of the ballots, and number of them, that an answer must have to be ranked at all. */
const leastShare = 0.15;
const fewestVotes = 2;

/**
 * Among the answers that enough candidates gave, the one they were surest of (Best-of-Majority, arXiv 2510.03199): at
 * least max(2, ⌈0.15 N⌉) of N. Sure is the mean over its candidates of their least group confidence. Where no answer
 * has that many, the plain majority. The text is that of the answer's surest candidate.
 */
export const bestOfMajority: SelectionRule = {
  id: 'bestOfMajority',
  decide: (ballots) => rankFrequent(ballots, confidence),
  takenWithoutAgreement: surestOfAll,
};

/**
 * Best-of-Majority with any reward, at least 0: the answers that enough candidates gave, by the mean of `rewardOf` over their
 * votes; the plain majority where none has enough. Pure.
 */
export function rankFrequent(ballots: readonly Ballot[], rewardOf: (vote: Vote) => number): Selection | null {
  const needed = Math.max(fewestVotes, Math.ceil(leastShare * ballots.length));
  const frequent = groupsOf(votesOf(ballots)).filter(({ votes }) => votes.length >= needed);
  const ranked = frequent
    .map((group) => ({ group, weight: mean(group.votes.map(rewardOf)) }))
    .sort((a, b) => b.weight - a.weight || compareEqualGroups(a.group, b.group));
  const winner = ranked[0];
  if (winner === undefined) return majorityVote.decide(ballots);
  return {
    candidateId: surest(winner.group, rewardOf).candidateId,
    tallies: ranked.map(({ group, weight }) => {
      return { answer: group.answer, candidateIds: voters(group), weight };
    }),
  };
}

/** The earliest of them where several are equally sure. */
function surest({ votes }: AnswerGroup, rewardOf: (vote: Vote) => number): Vote {
  return votes.reduce((best, vote) => (rewardOf(vote) > rewardOf(best) ? vote : best));
}

function confidence({ statistics }: Vote): number {
  return statistics.leastGroupConfidence;
}
