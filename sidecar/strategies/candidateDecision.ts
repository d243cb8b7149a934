import type { CandidateId, SearchEvent } from '../../protocol/traceEvent.ts';
import type { GenerateEnd } from '../engine/engine.ts';
import { extractAnswer, parseAnswer } from '../selection/answerExtraction.ts';
import type { TrialAnswer } from './trialAnswer.ts';

/** Why a thought was closed that the model had not closed itself; null where it had. */
export function thoughtClosing(
  candidateId: CandidateId,
  thoughtTokens: number,
  reason: {
    readonly isAskedFor: boolean;
    /** The one that the model was sure of; null where a cap or the model's own end closed the thought. */
    readonly trial: TrialAnswer | null;
    readonly end: GenerateEnd;
  },
): SearchEvent | null {
  const { isAskedFor, trial, end } = reason;
  const head = { type: 'decision/made', candidateId } as const;
  if (isAskedFor) return { ...head, kind: 'answerNow', why: 'You asked for the answer.' };
  if (trial !== null) {
    const sure = `${(100 * trial.confidence).toFixed(0)} %`;
    const why = `After ${thoughtTokens} tokens the model is ${sure} sure of the answer ${trial.answer ?? ''}.`;
    return { ...head, kind: 'thoughtClosedByTrial', why };
  }
  if (end.type === 'endToken') return null;
  const why = `The thought was closed at its cap, after ${thoughtTokens} tokens.`;
  return { ...head, kind: 'thoughtClosedAtCap', why };
}

/** The canonical answer of a text whose answer begins at `answerFrom`; anywhere in it where it begins at 0. */
export function answerIn(text: string, answerFrom: number): string | null {
  const marked = answerFrom === 0 ? null : parseAnswer(text.slice(answerFrom));
  return (marked ?? extractAnswer(text))?.canonical ?? null;
}
