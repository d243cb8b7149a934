import type { SearchEvent } from '../../protocol/traceEvent.ts';
import type { Ballot } from '../selection/selector.ts';
import type { CandidateOutcome } from './candidateStages.ts';
import type { StrategyContext } from './strategy.ts';

/**
 * Lets the request's selector choose among candidates that have ended, says what was chosen, and books all thought and
 * answer beside its own as discarded. Candidates must have freed their sequences, since a selector may open one. Without
 * a selection the candidate that got furthest is taken, the first of equals. Returns whether the chosen one had finished.
 */
export async function* selectAnswer(
  context: StrategyContext,
  outcomes: readonly CandidateOutcome[],
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, boolean, void> {
  const ballots = ballotsOf(outcomes);
  const isContested = outcomes.length > 1 && ballots.length > 0;
  const selection = isContested ? yield* context.selector.select(ballots, context, signal) : null;
  const selected =
    outcomes.find((outcome) => outcome.id === selection?.candidateId) ??
    [...outcomes].sort(compareUnfinished)[0];
  if (selected === undefined) return false;
  const spent = context.meter.getState().tokens;
  discard(context, {
    thoughtTokens: spent.thought - selected.thoughtTokens,
    answerTokens: spent.answer - selected.answerTokens,
  });
  const { id: candidateId, answer, text } = selected;
  yield { type: 'answer/selected', candidateId, answer, text };
  return selected.end === 'finished';
}

/** The ballots of those that ended by themselves; correct answers tend to be shorter than a cap (arXiv 2504.14047). */
export function ballotsOf(outcomes: readonly CandidateOutcome[]): readonly Ballot[] {
  return outcomes.flatMap(({ id, end, answer, text, thoughtTokens, answerTokens, statistics }) =>
    end === 'finished'
      ? [{ candidateId: id, answer, text, length: thoughtTokens + answerTokens, statistics }]
      : [],
  );
}

/** Books tokens of candidates as spent in vain. */
export function discard(
  { meter }: Pick<StrategyContext, 'meter'>,
  { thoughtTokens, answerTokens }: Pick<CandidateOutcome, 'thoughtTokens' | 'answerTokens'>,
): void {
  meter.rebook('thought', 'discardedCandidate', thoughtTokens);
  meter.rebook('answer', 'discardedCandidate', answerTokens);
}

/** Without a vote: who got furthest first; an answer counts for more than none. */
function compareUnfinished(a: CandidateOutcome, b: CandidateOutcome): number {
  const rank = ({ end, answer }: CandidateOutcome): number =>
    (end === 'finished' ? 2 : 0) + (answer === null ? 0 : 1);
  return rank(b) - rank(a);
}
