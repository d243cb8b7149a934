import type { SidecarSettings } from '../../../protocol/messages.ts';
import { furthest } from '../../../sidecar/reasoning/exploration/selectAnswer.ts';
import { consensusReason, waveSize } from '../../../sidecar/reasoning/selection/consensus.ts';
import { majorityVote } from '../../../sidecar/reasoning/selection/majorityVote.ts';
import { ruleSelector, type SelectionRule } from '../../../sidecar/reasoning/selection/ruleSelector.ts';
import type { Ballot } from '../../../sidecar/reasoning/selection/selector.ts';
import { ballotOf, lengthOf, type RawCandidate } from './rawTrace.ts';

/** What a request would have come to. */
export interface ReplayedOutcome {
  readonly isRight: boolean;
  /** Generated tokens of all candidates up to the stop. */
  readonly tokens: number;
}

/**
 * A vote that ends early, replayed on candidates that all ran to their ends: those of a wave decode in step, so the shortest
 * ends first, and a stop cuts those still running at its length. Pure.
 */
export function replayConsensus(
  candidates: readonly RawCandidate[],
  consensus: SidecarSettings['consensus'],
): ReplayedOutcome {
  const selector = ruleSelector(majorityVote);
  const ballots: Ballot[] = [];
  let tokens = 0;
  let waiting = candidates.map((candidate, id) => ({ candidate, id, length: lengthOf(candidate) }));
  while (waiting.length > 0) {
    const counts = { ended: candidates.length - waiting.length, waiting: waiting.length };
    const size = waveSize(selector, ballots, { ...counts, consensus });
    const wave = waiting.slice(0, size).sort((a, b) => a.length - b.length || a.id - b.id);
    waiting = waiting.slice(size);
    for (const [place, { candidate, id, length: stop }] of wave.entries()) {
      const ballot = ballotOf(candidate, id);
      if (ballot !== null) ballots.push(ballot);
      const undecided = wave.length - place - 1 + waiting.length;
      if (undecided > 0 && consensusReason(selector, ballots, { undecided, consensus }) === null) continue;
      tokens += wave.reduce((sum, { length }) => sum + Math.min(length, stop), 0);
      return { isRight: isChoiceRight(majorityVote, ballots, candidates), tokens };
    }
    tokens += wave.reduce((sum, { length }) => sum + length, 0);
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

/**
 * Whether any choice among them could be right: of one that ended by itself or, where none of those has an answer to count,
 * of who got furthest.
 */
export function isAnyRight(candidates: readonly RawCandidate[]): boolean {
  const finished = candidates.filter(({ end }) => end === 'finished');
  if (finished.some(({ answer }) => answer !== null)) return finished.some(({ isRight }) => isRight);
  return furthest(candidates)?.isRight ?? false;
}
