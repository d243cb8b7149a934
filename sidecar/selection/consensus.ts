import type { SidecarSettings } from '../../protocol/messages.ts';
import { partiesOf } from './answerParties.ts';
import { votesOf, type Ballot, type Selector, type Vote } from './selector.ts';

/** Share of the weight of all votes cast that makes a lead all but clear (the stop of DeepConf, arXiv 2508.15260). */
const likelyShare = 0.95;
/** Votes below which a share says nothing. */
const fewestVotes = 3;

/**
 * Why the candidates that still run, `undecided` of them, need not come to their ends, to end a sentence about them;
 * null where they must. A vote counts as much as it does for the selector. Pure.
 */
export function consensusReason(
  selector: Pick<Selector, 'isDecided' | 'weightOf'>,
  ballots: readonly Ballot[],
  { undecided, consensus }: { readonly undecided: number } & Pick<SidecarSettings, 'consensus'>,
): string | null {
  if (consensus === 'off') return null;
  if (selector.isDecided(ballots, undecided)) return 'cannot overturn the lead';
  const votes = votesOf(ballots);
  const wanted = Math.max(fewestVotes, Math.ceil((votes.length + undecided) / 2));
  if (consensus === 'certain' || votes.length < wanted) return null;
  const weights = partiesOf(votes).map((party) => weigh(party.votes, selector.weightOf));
  const lead = Math.max(...weights);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  // Votes that all weigh nothing have no lead.
  if (!(lead / all >= likelyShare)) return null;
  const [led, cast] = selector.weightOf === undefined ? [lead, all] : [lead.toFixed(2), all.toFixed(2)];
  return `will hardly overturn the lead of ${led} in ${cast}`;
}

function weigh(votes: readonly Vote[], weightOf: Selector['weightOf']): number {
  return votes.reduce((sum, vote) => sum + (weightOf?.(vote) ?? 1), 0);
}
