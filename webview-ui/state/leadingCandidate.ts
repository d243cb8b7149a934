import { counted } from '../../protocol/counted.ts';
import type { CandidateState, TraceState } from '../../protocol/traceState.ts';

export interface LeadingCandidate {
  readonly candidate: CandidateState;
  /** Which it is and why it is shown, in words; null where there is one candidate, or an answer was selected. */
  readonly words: string | null;
}

/**
 * The candidate whose text is shown as the answer: the selected one. Until there is one, the first of the answer that most
 * candidates have given so far, else the first that has begun to answer, else the first that is running. Null when there is
 * none. Pure.
 */
export function leadingCandidate({
  candidates,
  selected,
}: Pick<TraceState, 'candidates' | 'selected'>): LeadingCandidate | null {
  const chosen = candidates.find(({ id }) => id === selected?.candidateId);
  if (chosen !== undefined) return { candidate: chosen, words: null };
  const leader = leaderOf(candidates.filter(({ end }) => end !== 'pruned')) ?? null;
  return leader === null || candidates.length > 1 ? leader : { ...leader, words: null };
}

function leaderOf(candidates: readonly CandidateState[]): LeadingCandidate | undefined {
  const answered = candidates.filter(({ end, answer }) => end === 'finished' && answer !== null);
  const agreeing = largestGroup(answered);
  const [leader] = agreeing;
  if (leader !== undefined) {
    const share = `${agreeing.length} of ${counted(answered.length, 'answer')} so far`;
    return { candidate: leader, words: `Candidate ${leader.id + 1} leads with ${share}` };
  }
  const answering = candidates.find(({ segments }) =>
    segments.some((segment) => segment.type === 'generated' && segment.purpose === 'answer'),
  );
  if (answering !== undefined) {
    return { candidate: answering, words: `Candidate ${answering.id + 1} leads: the first to answer` };
  }
  const thinking = candidates.find(({ status }) => status === 'running') ?? candidates[0];
  return thinking && { candidate: thinking, words: `Candidate ${thinking.id + 1} leads; none has answered` };
}

/** Those of the answer that most have given; of equal groups the one that was first. */
function largestGroup(answered: readonly CandidateState[]): readonly CandidateState[] {
  const groups = new Map<string | null, CandidateState[]>();
  for (const candidate of answered) {
    groups.set(candidate.answer, [...(groups.get(candidate.answer) ?? []), candidate]);
  }
  return [...groups.values()].reduce<readonly CandidateState[]>(
    (largest, group) => (group.length > largest.length ? group : largest),
    [],
  );
}
