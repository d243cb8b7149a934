import type { CandidateId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { CandidateLink } from '../components/CandidateLink.tsx';
import { Section } from '../components/Section.tsx';
import { verificationWords } from '../state/wording.ts';

interface VerificationSectionProps {
  readonly verifications: TraceState['verifications'];
  readonly onChoose: (candidateId: CandidateId, tokenIndex: number | null) => void;
}

/** What the user's test command said of candidates' code. Output stays text. */
export function VerificationSection({ verifications, onChoose }: VerificationSectionProps) {
  const [first] = verifications;
  if (first === undefined) return null;
  return (
    <Section title="Tests" name="verification" aside={<code class="muted">{first.command}</code>}>
      <ol class="verifications">
        {verifications.map(({ candidateId, outcome, exitCode, output, durationMs }) => (
          <li key={candidateId} data-outcome={outcome}>
            <CandidateLink candidateId={candidateId} onChoose={onChoose} />
            <span title={verificationWords[outcome].meaning}>
              {verificationWords[outcome].name}
              {exitCode === null || exitCode === 0 ? '' : `, exit code ${exitCode}`}
            </span>
            <span class="number">{(durationMs / 1000).toFixed(1)} s</span>
            {output === '' ? null : (
              <details>
                <summary>Output</summary>
                <pre tabIndex={0} aria-label={`Output for candidate ${candidateId + 1}`}>
                  {output}
                </pre>
              </details>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
