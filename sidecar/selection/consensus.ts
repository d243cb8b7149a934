import type { SidecarSettings } from '../../protocol/messages.ts';
import { partiesOf } from './answerParties.ts';
import { votesOf, type Ballot, type Selector } from './selector.ts';

/** Share of the votes cast that makes a lead all but clear (the stop of DeepConf, arXiv 2508.15260). */
const likelyShare = 0.95;
/** Votes below which a share says nothing. */
const fewestVotes = 3;

/**
 * Why the candidates that still run, `undecided` of them, need not come to their ends, to end a sentence about them;
 * null where they must. Pure.
 */
export function consensusReason(
  selector: Pick<Selector, 'isDecided'>,
  ballots: readonly Ballot[],
  { undecided, consensus }: { readonly undecided: number } & Pick<SidecarSettings, 'consensus'>,
): string | null {
  if (consensus === 'off') return null;
  if (selector.isDecided(ballots, undecided)) return 'cannot overturn the lead';
  const votes = votesOf(ballots);
  const wanted = Math.max(fewestVotes, Math.ceil((votes.length + undecided) / 2));
  if (consensus === 'certain' || votes.length < wanted) return null;
  const lead = Math.max(...partiesOf(votes).map((party) => party.votes.length));
  return lead / votes.length < likelyShare
    ? null
    : `will hardly overturn the lead of ${lead} in ${votes.length}`;
}
