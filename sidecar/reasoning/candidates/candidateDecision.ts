import { assertNever } from '../../../protocol/assertNever.ts';
import type { CandidateEnd, CandidateId, SearchEvent } from '../../../protocol/traceEvent.ts';
import type { GenerateEnd } from '../../engine/engine.ts';
import { excerptOf } from '../answers/excerpt.ts';
import type { TrialAnswer } from './trialAnswer.ts';

/** Why a generation was interrupted. The first two close a thought, the others end the candidate. */
export type Halt = 'answerNow' | 'timeIsShort' | 'pruned' | 'stoppedByUser' | 'outOfTime';

/** Whether a candidate goes on after it: it closes a thought and no more. */
export function closesThought(halt: Halt | null): boolean {
  return halt === 'answerNow' || halt === 'timeIsShort';
}

/** How a candidate ends that was halted while it generated, or null where it goes on. */
export function endByHalt(halt: Halt | null, end: GenerateEnd, isThinking: boolean): CandidateEnd | null {
  switch (halt) {
    case 'pruned':
      return 'pruned';
    case 'stoppedByUser':
      return 'stopped';
    case 'outOfTime':
      // An answer that was whole by then is not cut off.
      return !isThinking && (end.type === 'endToken' || end.type === 'stopText') ? null : 'truncated';
    case 'answerNow':
    case 'timeIsShort':
      return null;
    case null:
      return end.type === 'cancelled' ? 'stopped' : null;
    default:
      return assertNever(halt);
  }
}

/** What the log says of a candidate that a halt ended; null where it has been said, or goes without saying. */
export function haltDecision(candidateId: CandidateId, halt: Halt | null): SearchEvent | null {
  const head = { type: 'decision/made', candidateId } as const;
  if (halt === 'stoppedByUser') return { ...head, kind: 'stoppedByUser', why: 'You stopped the request.' };
  if (halt === 'outOfTime') return { ...head, kind: 'budgetExhausted', why: 'The time was used up.' };
  return null;
}

/** Why a thought was closed that the model had not closed itself; null where it had. */
export function thoughtClosing(
  candidateId: CandidateId,
  thoughtTokens: number,
  reason: {
    readonly halt: Halt | null;
    /** The one that the model was sure of; null where a cap or the model's own end closed the thought. */
    readonly trial: TrialAnswer | null;
    /** The one that the thought kept going over; null where it did not. */
    readonly steadyAnswer: string | null;
    readonly end: GenerateEnd;
  },
): SearchEvent | null {
  const { halt, trial, steadyAnswer, end } = reason;
  const head = { type: 'decision/made', candidateId } as const;
  if (halt === 'answerNow') return { ...head, kind: 'answerNow', why: 'You asked for the answer.' };
  if (halt === 'timeIsShort') {
    const why = `The thought was closed after ${thoughtTokens} tokens, to leave time for the answer.`;
    return { ...head, kind: 'thoughtClosedForTime', why };
  }
  if (steadyAnswer !== null) {
    const why = `After ${thoughtTokens} tokens the thought only went over its answer, ${excerptOf(steadyAnswer)}.`;
    return { ...head, kind: 'thoughtClosedSteady', why };
  }
  if (trial !== null) {
    const sure = `${(100 * trial.confidence).toFixed(0)} %`;
    const why = `After ${thoughtTokens} tokens the model is ${sure} sure of the answer ${excerptOf(trial.answer ?? '')}.`;
    return { ...head, kind: 'thoughtClosedByTrial', why };
  }
  if (end.type === 'endToken') return null;
  const why = `The thought was closed at its cap, after ${thoughtTokens} tokens.`;
  return { ...head, kind: 'thoughtClosedAtCap', why };
}
