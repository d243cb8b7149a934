import { mean } from '../../numeric/mean.ts';
import { excerptOf } from '../answers/excerpt.ts';
import type { SelectionRule } from './ruleSelector.ts';
import type { Ballot, Selection } from './selector.ts';

/**
 * The text that has most in common with all others: the highest mean token F1, so that it is the least risk to be wrong with
 * (minimum Bayes risk decoding by samples, arXiv 2005.10283; token F1 for likeness is our choice). Needs no answer that parses,
 * so it serves for prose and code. A tie goes to the shorter text, then to the earliest.
 */
export const minimumRisk: SelectionRule = {
  id: 'minimumRisk',
  decide: takeMostCommon,
  takenWithoutAgreement: null,
};

function takeMostCommon(ballots: readonly Ballot[]): Selection | null {
  const bags = ballots.map((ballot) => ({ ballot, bag: bagOf(ballot.text) }));
  const ranked = bags
    .map(({ ballot, bag }) => {
      // In ascending order, so that the mean is the same in whatever order the ballots came, to the last digit.
      const overlaps = bags
        .filter((other) => other.ballot !== ballot)
        .map((other) => tokenF1(bag, other.bag))
        .sort((a, b) => a - b);
      return { ballot, weight: overlaps.length === 0 ? 1 : mean(overlaps) };
    })
    .sort(
      (a, b) =>
        b.weight - a.weight ||
        a.ballot.length - b.ballot.length ||
        a.ballot.candidateId - b.ballot.candidateId,
    );
  const winner = ranked[0]?.ballot;
  if (winner === undefined) return null;
  return {
    candidateId: winner.candidateId,
    tallies: ranked.map(({ ballot, weight }) => {
      return { answer: ballot.answer ?? excerptOf(ballot.text), candidateIds: [ballot.candidateId], weight };
    }),
  };
}

interface Bag {
  readonly counts: ReadonlyMap<string, number>;
  readonly size: number;
}

/** Words in lower case, and every other character by itself, with how often each occurs. */
function bagOf(text: string): Bag {
  const tokens = text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
  const counts = new Map<string, number>();
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
  return { counts, size: tokens.length };
}

/** 2 · shared / (size + size) of two bags of tokens, 0…1; 1 for two empty ones. */
function tokenF1(a: Bag, b: Bag): number {
  if (a.size + b.size === 0) return 1;
  let shared = 0;
  for (const [token, count] of a.counts) shared += Math.min(count, b.counts.get(token) ?? 0);
  return (2 * shared) / (a.size + b.size);
}
