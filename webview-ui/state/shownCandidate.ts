import type { CandidateId } from '../../protocol/traceEvent.ts';
import type { CandidateState, TraceState } from '../../protocol/traceState.ts';

/**
 * The candidate whose tokens are shown: the one the user chose, else the selected answer's, else the first that is
 * still running, else the first. Null when there is none.
 */
export function shownCandidate(trace: TraceState, chosen: CandidateId | null): CandidateState | null {
  const byId = (id: CandidateId | null): CandidateState | undefined =>
    id === null ? undefined : trace.candidates.find((candidate) => candidate.id === id);
  return (
    byId(chosen) ??
    byId(trace.selected?.candidateId ?? null) ??
    trace.candidates.find((candidate) => candidate.status === 'running') ??
    trace.candidates[0] ??
    null
  );
}
