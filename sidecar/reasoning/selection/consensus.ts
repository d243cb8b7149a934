import type { SidecarSettings } from '../../../protocol/messages.ts';
import { betaBinomial } from '../../numeric/betaBinomial.ts';
import { groupsOf } from './answerGroups.ts';
import { type Ballot, type Selector, votesOf } from './selector.ts';

type Consensus = SidecarSettings['consensus'];
type Weighing = Pick<Selector, 'isDecided' | 'weightOf'>;

/** When a lead counts as likely to stay. */
export const likelyLead = {
  /** A lead that is lost less often than this is all but safe. *Ours*: of eight candidates the first two may settle it. */
  mostOftenLost: 0.1,
  /** Votes that an answer needs to lead, whatever they weigh, and of a wave: one alone decodes hardly faster than two. */
  fewestVotes: 2,
  /** Share of ties that the answer in front loses: they are decided by something else. */
  tiesLost: 0.5,
} as const;

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
  const lead = voteLeadOf(selector, ballots);
  if (lead === null || !isAllButSafe(lead, undecided)) return null;
  const { first, count } = lead;
  const led = Number.isInteger(first) ? `${first} of ${count}` : `${first.toFixed(2)} of ${count} by weight`;
  return `will hardly overturn the lead of ${led}`;
}

/**
 * How many of the waiting candidates run next. With a vote that a likely lead ends: as few as would make such a lead if they
 * all agreed. Elsewhere, and where none that has ended brought a vote: all of them. Pure.
 */
export function waveSize(
  selector: Weighing,
  ballots: readonly Ballot[],
  {
    ended,
    waiting,
    consensus,
  }: {
    /** Candidates that have ended, with a ballot or without. */
    readonly ended: number;
    readonly waiting: number;
    readonly consensus: Consensus;
  },
): number {
  const lead = voteLeadOf(selector, ballots);
  if (consensus !== 'likely' || lead === null) return waiting;
  if (lead.count === 0 && ended > 0) return waiting;
  for (let size = likelyLead.fewestVotes; size < waiting; size++)
    if (isAllButSafe(withMore(lead, size), waiting - size)) return size;
  return waiting;
}

/** State of a vote, in votes of mean weight: what the leading answer has, and the next one. */
interface VoteLead {
  readonly first: number;
  readonly second: number;
  /** Votes for the answer in front, and all. */
  readonly leaders: number;
  readonly count: number;
}

/** Null where the selector goes by anything but the sum of votes. */
function voteLeadOf({ weightOf }: Weighing, ballots: readonly Ballot[]): VoteLead | null {
  if (weightOf === undefined) return null;
  const groups = groupsOf(votesOf(ballots))
    .map(({ votes }) => ({ votes, weight: votes.reduce((sum, vote) => sum + weightOf(vote), 0) }))
    .sort((a, b) => b.weight - a.weight);
  const count = groups.reduce((sum, { votes }) => sum + votes.length, 0);
  const all = groups.reduce((sum, { weight }) => sum + weight, 0);
  // Votes that all weigh nothing have no lead.
  const scale = all > 0 ? count / all : 0;
  const [front, next] = groups;
  return {
    first: scale * (front?.weight ?? 0),
    second: scale * (next?.weight ?? 0),
    leaders: front?.votes.length ?? 0,
    count,
  };
}

/** The same with so many votes more for the answer in front. */
function withMore({ first, second, leaders, count }: VoteLead, size: number): VoteLead {
  return { first: first + size, second, leaders: leaders + size, count: count + size };
}

/**
 * Whether the leading answer hardly ever loses its lead, if those `undecided` vote for it or the next as the votes cast let
 * one expect, nothing being known before them (the beta prior of Adaptive-Consistency, arXiv 2305.11860, which asks for the
 * answer that would win without end; *ours* for so many to come). Votes to come are taken to be like those cast
 * (exchangeable), though it is asked at each end, and of a wave the shortest text, which is right more often (2504.14047),
 * ends first. That others may have votes to come, too, is left out.
 */
function isAllButSafe({ first, second, leaders }: VoteLead, undecided: number): boolean {
  if (leaders < likelyLead.fewestVotes || !(first > second)) return false;
  const lost = betaBinomial(first + 1, second + 1, undecided).map((probability, gained) => {
    const ahead = first + gained - (second + undecided - gained);
    return ahead < 0 ? probability : ahead === 0 ? likelyLead.tiesLost * probability : 0;
  });
  return lost.reduce((sum, probability) => sum + probability, 0) < likelyLead.mostOftenLost;
}
