import type { CandidateEnd } from '../../../protocol/traceEvent.ts';
import { asksForCode } from '../../prompts/codeRequest.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { CandidateOutcome } from '../candidates/candidateStages.ts';
import type { StrategyContext } from '../context/strategy.ts';
import type { Ballot } from '../selection/selector.ts';

/**
 * Lets the request's selector choose among candidates that have ended, says what was chosen, and books all thought and
 * answer beside its own as discarded. Candidates must have freed their sequences, since a selector may open one. Without
 * a selection the candidate that got furthest is taken. Returns whether the chosen one had finished.
 */
export async function selectAnswer(
  context: StrategyContext,
  outcomes: readonly CandidateOutcome[],
  scope: RunScope,
): Promise<boolean> {
  const ballots = ballotsOf(outcomes);
  const { selector, question } = context;
  // What an answer quotes of other code is no program to test.
  const judgesOne = selector.judgesOne === true && asksForCode(question);
  const isJudged = ballots.length > 0 && (outcomes.length > 1 || judgesOne);
  const selection = isJudged ? await selector.select(ballots, context, scope) : null;
  const selected = outcomes.find((outcome) => outcome.id === selection?.candidateId) ?? furthest(outcomes);
  if (selected === undefined) return false;
  const spent = context.meter.getState().tokens;
  discard(context, {
    thoughtTokens: spent.thought - selected.thoughtTokens,
    answerTokens: spent.answer - selected.answerTokens,
  });
  const { id: candidateId, answer, text } = selected;
  await scope.events.push({ type: 'answer/selected', candidateId, answer, text });
  return selected.end === 'finished';
}

/** The ballots of those that ended by themselves; correct answers tend to be shorter than a cap (arXiv 2504.14047). */
export function ballotsOf(outcomes: readonly CandidateOutcome[]): readonly Ballot[] {
  return outcomes.flatMap(({ id, end, answer, text, thoughtTokens, answerTokens, statistics, value }) =>
    end === 'finished'
      ? [
          {
            candidateId: id,
            answer,
            text,
            length: thoughtTokens + answerTokens,
            statistics,
            ...(value !== undefined && { value }),
          },
        ]
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

/**
 * The candidate that got furthest, for where no vote decides; the first of equals. Whole with its answer, then cut off in
 * its answer, then whole without one, as prose is, then cut off in a thought from which one can be read: what a thought
 * says on its way may be any step's result. Pure. Undefined where there is none.
 */
export function furthest<T extends Progress>(outcomes: readonly T[]): T | undefined {
  return [...outcomes].sort((a, b) => progressOf(b) - progressOf(a))[0];
}

type Progress = Pick<CandidateOutcome, 'answer' | 'answerTokens'> & { readonly end: CandidateEnd | null };

function progressOf({ end, answer, answerTokens }: Progress): number {
  if (answer === null) return end === 'finished' ? 2 : 0;
  if (end === 'finished') return 4;
  return answerTokens > 0 ? 3 : 1;
}
