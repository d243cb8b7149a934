import type { CandidateId } from '../../protocol/traceEvent.ts';
import type { Decision } from '../../protocol/traceState.ts';
import { formatDuration } from '../charts/numberFormat.ts';
import { CandidateLink } from '../components/CandidateLink.tsx';
import { Section } from '../components/Section.tsx';
import { decisionWords } from '../state/panelWords.ts';

interface DecisionListProps {
  readonly decisions: readonly Decision[];
  readonly onChoose: (candidateId: CandidateId, tokenIndex: number | null) => void;
}

/** What was decided while the request ran, when, and why. */
export function DecisionList({ decisions, onChoose }: DecisionListProps) {
  if (decisions.length === 0) return null;
  return (
    <Section title="Decisions" name="decisions" aside={<span class="number">{decisions.length}</span>}>
      <ol class="decisions" tabIndex={0} aria-label="Decisions in order of time">
        {decisions.map((decision, index) => (
          <li key={index}>
            <time class="number muted">{formatDuration(decision.timeMs)}</time>
            <div>
              <p class="decision-kind">
                {decisionWords[decision.kind]}
                {decision.candidateId === null ? null : (
                  <CandidateLink
                    candidateId={decision.candidateId}
                    onChoose={onChoose}
                    {...(decision.atToken === null ? {} : { tokenIndex: Math.max(0, decision.atToken - 1) })}
                  />
                )}
              </p>
              <p class="why">{decision.why}</p>
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
