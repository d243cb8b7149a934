import type { VoteTally } from '../../protocol/traceEvent.ts';
import type { Ballot, Selector } from './selector.ts';

/**
 * The answer that most candidates gave. A tie goes to the shorter median length, since correct answers tend to be
 * shorter (arXiv 2504.14047), then to the answer that was given by the earliest candidate. The text is that of the
 * earliest candidate that gave the answer.
 */
export const majorityVote: Selector = {
  id: 'majority',
  select: (ballots) => {
    const parties = groupByAnswer(ballots).sort(compareParties);
    const winner = parties[0];
    if (winner === undefined) return null;
    return {
      answer: winner.answer,
      candidateId: winner.candidateIds[0],
      tallies: parties.map(({ answer, candidateIds }): VoteTally => {
        return { answer, candidateIds, weight: candidateIds.length };
      }),
    };
  },
};

/**
 * Whether the answer in front stays in front however the undecided candidates vote, whatever a tie would come to.
 * `undecided` counts candidates that may still vote.
 */
export function isLeadSafe(ballots: readonly Ballot[], undecided: number): boolean {
  const [first = 0, second = 0] = groupByAnswer(ballots)
    .map((party) => party.candidateIds.length)
    .sort((a, b) => b - a);
  return first > second + undecided;
}

interface Party {
  readonly answer: string;
  /** In ascending order. */
  readonly candidateIds: readonly [number, ...number[]];
  readonly medianLength: number;
}

function groupByAnswer(ballots: readonly Ballot[]): Party[] {
  const groups = new Map<string, [Ballot, ...Ballot[]]>();
  for (const ballot of [...ballots].sort((a, b) => a.candidateId - b.candidateId)) {
    const group = groups.get(ballot.answer);
    if (group === undefined) groups.set(ballot.answer, [ballot]);
    else group.push(ballot);
  }
  return [...groups].map(([answer, [first, ...rest]]) => ({
    answer,
    candidateIds: [first.candidateId, ...rest.map((ballot) => ballot.candidateId)],
    medianLength: median([first, ...rest].map((ballot) => ballot.length)),
  }));
}

function compareParties(a: Party, b: Party): number {
  return (
    b.candidateIds.length - a.candidateIds.length ||
    a.medianLength - b.medianLength ||
    a.candidateIds[0] - b.candidateIds[0]
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const lower = sorted.length % 2 === 0 ? upper - 1 : upper;
  return ((sorted[lower] ?? 0) + (sorted[upper] ?? 0)) / 2;
}
