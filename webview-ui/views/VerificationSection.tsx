import type { CandidateId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { confinementWords } from '../../protocol/traceWords.ts';
import { CandidateLink } from '../components/CandidateLink.tsx';
import { Section } from '../components/Section.tsx';
import { parsingWords, verificationWords } from '../state/panelWords.ts';

interface VerificationSectionProps {
  readonly trace: Pick<TraceState, 'parsings' | 'verifications'>;
  readonly onChoose: (candidateId: CandidateId, tokenIndex: number | null) => void;
}

/** What a parser and the user's test command said of candidates' code. Output stays text. */
export function VerificationSection({ trace, onChoose }: VerificationSectionProps) {
  const { parsings, verifications } = trace;
  const [first] = verifications;
  if (first === undefined && parsings.length === 0) return null;
  const unconfined = verifications.find(({ confinement }) => (confinement?.kind ?? 'none') === 'none');
  const command = first === undefined ? undefined : <code class="muted">{first.command}</code>;
  return (
    <Section title={first === undefined ? 'Syntax' : 'Tests'} name="verification" aside={command}>
      {parsings.length === 0 ? null : (
        <ol class="verifications" aria-label="Syntax">
          {parsings.map((parsing) => (
            <li key={parsing.candidateId} data-outcome={parsing.errorCount === 0 ? 'passed' : 'failed'}>
              <CandidateLink candidateId={parsing.candidateId} onChoose={onChoose} />
              <span title={`Read as ${parsing.languageId}`}>{parsingWords(parsing)}</span>
            </li>
          ))}
        </ol>
      )}
      {first === undefined ? null : (
        <ol class="verifications" aria-label="Tests">
          {verifications.map(({ candidateId, outcome, exitCode, output, durationMs, confinement }) => (
            <li key={candidateId} data-outcome={outcome}>
              <CandidateLink candidateId={candidateId} onChoose={onChoose} />
              <span>
                <span title={verificationWords[outcome].meaning}>
                  {verificationWords[outcome].name}
                  {exitCode === null || exitCode === 0 ? '' : `, exit code ${exitCode}`}
                </span>
                {', '}
                <span title={confinementWords(confinement).meaning}>
                  {confinementWords(confinement).name}
                </span>
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
      )}
      {first === undefined || unconfined === undefined ? null : (
        <p class="muted">{confinementWords(unconfined.confinement).meaning}</p>
      )}
    </Section>
  );
}
