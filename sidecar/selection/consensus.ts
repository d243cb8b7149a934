import type { SidecarSettings } from '../../protocol/messages.ts';
import { betaBinomial } from '../numeric/betaBinomial.ts';
import { partiesOf } from './answerParties.ts';
import { votesOf, type Ballot, type Selector } from './selector.ts';

type Consensus = SidecarSettings['consensus'];
type Weighing = Pick<Selector, 'isDecided' | 'weightOf'>;

/** A lead that is lost less often than this is all but safe: the .95 of DeepConf's stop (arXiv 2508.15260). */
const mostOftenLost = 0.05;
/** Votes below which nothing leads. */
const fewestVotes = 2;

/**
 * Why the candidates that are `undecided` still need not come to their ends, to end a sentence about them; null where they
 * must. A vote counts as much as it does for the selector. Pure.
 */
export function consensusReason(
  selector: Weighing,
  ballots: readonly Ballot[],
  { undecided, consensus }: { readonly undecided: number; readonly consensus: Consensus },
): string | null {
  if (consensus === 'off') return null;
  if (selector.isDecided(ballots, undecided)) return 'cannot overturn the lead';
  if (consensus === 'certain') return null;
  const standing = standingOf(selector, ballots);
  if (!isAllButSafe(standing, undecided)) return null;
  const { first, count } = standing;
  return `will hardly overturn the lead of ${selector.weightOf === undefined ? first : first.toFixed(2)} in ${count}`;
}

/**
 * Of the candidates that wait, how many run next: with a vote that a likely lead ends, as few as would make one if they all
 * agreed; all of them elsewhere. Pure.
 */
export function waveSize(
  selector: Weighing,
  ballots: readonly Ballot[],
  { waiting, consensus }: { readonly waiting: number; readonly consensus: Consensus },
): number {
  if (consensus !== 'likely') return waiting;
  const { first, second, count } = standingOf(selector, ballots);
  for (let size = 1; size < waiting; size++)
    if (isAllButSafe({ first: first + size, second, count: count + size }, waiting - size)) return size;
  return waiting;
}

/** How a vote stands, in votes of mean weight: what the answer in front has, the one behind it, and all cast. */
interface Standing {
  readonly first: number;
  readonly second: number;
  readonly count: number;
}

function standingOf({ weightOf }: Weighing, ballots: readonly Ballot[]): Standing {
  const parties = partiesOf(votesOf(ballots));
  const weights = parties.map(({ votes }) => votes.reduce((sum, vote) => sum + (weightOf?.(vote) ?? 1), 0));
  const count = parties.reduce((sum, { votes }) => sum + votes.length, 0);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  // Votes that all weigh nothing have no lead.
  const scale = all > 0 ? count / all : 0;
  const [first = 0, second = 0] = weights.map((weight) => weight * scale).sort((a, b) => b - a);
  return { first, second, count };
}

/**
 * Whether the answer in front hardly ever falls behind, if those `undecided` vote for it or the next as the votes cast let
 * one expect, nothing being known before them (the beta prior of Adaptive-Consistency, arXiv 2305.11860, which looks at no
 * bound of votes; *ours* for so many to come).
 */
function isAllButSafe({ first, second, count }: Standing, undecided: number): boolean {
  if (count < fewestVotes || !(first > second)) return false;
  const lost = betaBinomial(first + 1, second + 1, undecided).filter(
    (_, gained) => first + gained < second + undecided - gained,
  );
  return lost.reduce((sum, probability) => sum + probability, 0) < mostOftenLost;
}
