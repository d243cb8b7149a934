import type { CandidateId, SearchEvent, TraceEvent } from '../../../protocol/traceEvent.ts';
import { generatedTrace } from './generatedTrace.ts';
import { tokenRun } from './tokenRun.ts';

/** The events of a running question that has opened so many candidates, and then what is given. */
export function answeringTrace(
  candidateCount: number,
  events: readonly SearchEvent[] = [],
): readonly TraceEvent[] {
  const head = generatedTrace({ candidateCount, tokensPerCandidate: 0 }).slice(0, 3 + candidateCount);
  return [...head, ...numbered(events, head.length)];
}

/** Events as they follow `fromSeq` others. */
export function numbered(events: readonly SearchEvent[], fromSeq: number): readonly TraceEvent[] {
  return events.map((event, index) => ({ ...event, seq: fromSeq + index, timeMs: 1000 + index }));
}

/** A text as a candidate writes it: words with their blanks are its tokens. */
export function written(candidateId: CandidateId, purpose: 'thought' | 'answer', text: string): SearchEvent {
  const texts = text.match(/\s*\S+|\s+$/gu) ?? [];
  const tokens = tokenRun(
    texts.map(() => 0.1),
    texts,
  );
  return { type: 'tokens/appended', candidateId, purpose, tokens };
}

export function closed(candidateId: CandidateId, answer: string | null): SearchEvent {
  return { type: 'candidate/closed', candidateId, end: 'finished', answer };
}
