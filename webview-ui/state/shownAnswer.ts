import type { CandidateState, TraceState } from '../../protocol/traceState.ts';
import { splitSelected, writtenText } from '../../protocol/writtenText.ts';
import { leadingCandidate } from './leadingCandidate.ts';

/** What the answer's card shows. */
export interface ShownAnswer {
  readonly candidate: CandidateState | null;
  /** Which candidate it is of, where that is not settled yet; null otherwise. */
  readonly words: string | null;
  /** '' where there is none, or where it is all that is there and counts as the answer. */
  readonly thought: string;
  /** '' until it has begun. */
  readonly answer: string;
  /** Whether more of it may come. */
  readonly isGrowing: boolean;
}

/**
 * The answer so far, its thought apart: of the selected candidate, else of the one that leads. Null where nothing was
 * written, and for a completion that was not selected. Pure.
 */
export function shownAnswer(trace: TraceState): ShownAnswer | null {
  const { selected, candidates, started } = trace;
  const leading = leadingCandidate(trace);
  const isGrowing = trace.status.type === 'running' && selected === null;
  if (leading === null) {
    return selected === null
      ? null
      : { candidate: null, words: null, thought: '', answer: selected.text, isGrowing };
  }
  const { candidate, words } = leading;
  const written = writtenText(candidate, candidates);
  if (selected !== null) return { candidate, words, ...splitSelected(selected.text, written), isGrowing };
  if (started?.kind === 'completion' || written.thought + written.answer === '') return null;
  const isWhole = written.answer === '' && candidate.end === 'finished';
  return isWhole
    ? { candidate, words, thought: '', answer: written.thought, isGrowing }
    : { candidate, words, ...written, isGrowing };
}
