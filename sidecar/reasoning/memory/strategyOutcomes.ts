import { generatedTokenCount } from '../../../protocol/budget.ts';
import { hasVote } from '../../../protocol/strategyTable.ts';
import type { CandidateState, TraceState } from '../../../protocol/traceState.ts';
import type { StrategyOutcome } from './strategyMemory.ts';

/**
 * What a finished request teaches without knowing the right answer. Pure.
 *
 * - Code that the user's command was run on: it passed, or it did not.
 * - Several candidates that voted: most of them, two at least, gave the selected answer, or they did not. A single thought
 *   is the first candidate by itself: it has won when it gave that answer. So the two differ exactly where the vote mended
 *   what a single thought would have got wrong.
 * - Fewer than two votes, however many candidates were opened, or a strategy that holds no vote: what it took, and nothing
 *   about whether it was right.
 *
 * A request that was stopped, cancelled or failed teaches nothing, and neither does one whose budget ran out.
 */
export function outcomesOf(state: TraceState): readonly StrategyOutcome[] {
  const { status, difficulty, selected } = state;
  if (status.type !== 'finished' || status.reason !== 'answered') return [];
  if (difficulty === null || selected === null) return [];
  const { strategy } = difficulty;
  const own: StrategyOutcome = { strategy, hasWon: null, tokens: generatedTokenCount(state.ledger) };
  const verified = state.verifications.find(({ candidateId }) => candidateId === selected.candidateId);
  if (verified?.outcome === 'passed') return [{ ...own, hasWon: true }];
  if (verified?.outcome === 'failed') return [{ ...own, hasWon: false }];
  const voters = state.candidates.filter(hasVoted);
  if (voters.length < 2 || !hasVote(strategy)) return [own];
  const agreeing = voters.filter(({ answer }) => answer === selected.answer);
  const isAgreed = agreeing.length >= 2 && 2 * agreeing.length > voters.length;
  const first = state.candidates.find(({ id }) => id === 0);
  const single: readonly StrategyOutcome[] =
    first === undefined || !hasRunAlone(first)
      ? []
      : [
          {
            strategy: 'chainOfThought',
            hasWon: isAgreed && agreeing.includes(first),
            tokens: first.tokenCount,
          },
        ];
  return [{ ...own, hasWon: isAgreed }, ...single];
}

function hasVoted({ end, answer }: CandidateState): boolean {
  return end === 'finished' && answer !== null;
}

/** Not ended by what others did. */
function hasRunAlone({ end }: CandidateState): boolean {
  return end === 'finished' || end === 'truncated';
}
