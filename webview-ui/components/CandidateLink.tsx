import type { CandidateId } from '../../protocol/traceEvent.ts';

interface CandidateLinkProps {
  readonly candidateId: CandidateId;
  /** Token to move to, counted in the candidate's own tokens. */
  readonly tokenIndex?: number;
  readonly onChoose: (candidateId: CandidateId, tokenIndex: number | null) => void;
}

/** A candidate's number; choosing it shows that candidate's tokens. */
export function CandidateLink({ candidateId, tokenIndex, onChoose }: CandidateLinkProps) {
  return (
    <button
      type="button"
      class="candidate-link"
      title={`Show candidate ${candidateId + 1}`}
      aria-label={`Show candidate ${candidateId + 1}`}
      onClick={() => {
        onChoose(candidateId, tokenIndex ?? null);
      }}
    >
      #{candidateId + 1}
    </button>
  );
}
