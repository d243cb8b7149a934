import type { SidecarSettings } from '../../protocol/messages.ts';
import { consensusReason } from '../../sidecar/selection/consensus.ts';
import { majorityVote } from '../../sidecar/selection/majorityVote.ts';
import { ruleSelector, type SelectionRule } from '../../sidecar/selection/ruleSelector.ts';
import type { Ballot } from '../../sidecar/selection/selector.ts';
import { furthest } from '../../sidecar/strategies/selectAnswer.ts';
import { ballotOf, lengthOf, type RawCandidate } from './rawTrace.ts';

/** What a request would have come to. */
export interface ReplayedOutcome {
  readonly isRight: boolean;
  /** Generated tokens of all candidates up to the stop. */
  readonly tokens: number;
}

/**
 * A vote that ends early, replayed on candidates that all ran to their ends: they decode in step, so the shortest ends
 * first and a stop cuts those still running at its length. Pure.
 */
export function replayConsensus(
  candidates: readonly RawCandidate[],
  consensus: SidecarSettings['consensus'],
): ReplayedOutcome {
  const order = candidates
    .map((candidate, id) => ({ candidate, id }))
    .sort((a, b) => lengthOf(a.candidate) - lengthOf(b.candidate) || a.id - b.id);
  const selector = ruleSelector(majorityVote);
  const ballots: Ballot[] = [];
  for (const [place, { candidate, id }] of order.entries()) {
    const ballot = ballotOf(candidate, id);
    if (ballot !== null) ballots.push(ballot);
    const undecided = order.length - place - 1;
    if (undecided > 0 && consensusReason(selector, ballots, { undecided, consensus }) === null) continue;
    const stop = lengthOf(candidate);
    const tokens = candidates.reduce((sum, other) => sum + Math.min(lengthOf(other), stop), 0);
    return { isRight: isChoiceRight(majorityVote, ballots, candidates), tokens };
  }
  return { isRight: false, tokens: 0 };
}

/** Whether what a rule chooses is right; where it has nothing to go by, whether who got furthest is. */
export function isChoiceRight(
  rule: SelectionRule,
  ballots: readonly Ballot[],
  candidates: readonly RawCandidate[],
): boolean {
  const choice = rule.decide(ballots);
  if (choice === null) return furthest(candidates)?.isRight ?? false;
  return candidates[choice.candidateId]?.isRight ?? false;
}
