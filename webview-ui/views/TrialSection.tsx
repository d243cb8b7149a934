import type { CandidateId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { formatPercent } from '../charts/numberFormat.ts';
import { CandidateLink } from '../components/CandidateLink.tsx';
import { Section } from '../components/Section.tsx';
import { ShortAnswer } from '../components/ShortAnswer.tsx';

interface TrialSectionProps {
  readonly trials: TraceState['trials'];
  readonly onChoose: (candidateId: CandidateId, tokenIndex: number | null) => void;
}

/** What thoughts would have answered on the way, and how sure the model was of it. */
export function TrialSection({ trials, onChoose }: TrialSectionProps) {
  if (trials.length === 0) return null;
  return (
    <Section title="Trial answers" name="trials" aside={<span class="number">{trials.length}</span>}>
      <ol class="verifications">
        {trials.map(({ candidateId, answer, confidence, atToken }, index) => (
          <li key={index}>
            <CandidateLink
              candidateId={candidateId}
              onChoose={onChoose}
              tokenIndex={Math.max(0, atToken - 1)}
            />
            {answer === null ? (
              <span title="No answer could be read">–</span>
            ) : (
              <ShortAnswer answer={answer} />
            )}
            <span class="number" title="How sure the model was of it">
              {formatPercent(confidence)}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
