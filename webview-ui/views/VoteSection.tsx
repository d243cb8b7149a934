import type { CandidateId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { Bar } from '../components/Bar.tsx';
import { CandidateLink } from '../components/CandidateLink.tsx';
import { Section } from '../components/Section.tsx';

interface VoteSectionProps {
  readonly trace: TraceState;
  readonly onChoose: (candidateId: CandidateId, tokenIndex: number | null) => void;
}

/** Which answers were given, by whom, and what the selector made of them. */
export function VoteSection({ trace, onChoose }: VoteSectionProps) {
  const { vote, selected } = trace;
  if (vote === null || vote.tallies.length === 0) return null;
  const total = vote.tallies.reduce((sum, tally) => sum + tally.weight, 0);
  return (
    <Section title="Vote" name="vote" aside={<span class="muted">{vote.selector}</span>}>
      <ol class="votes">
        {vote.tallies.map((tally) => (
          <li key={tally.answer} data-won={tally.answer === selected?.answer ? '' : undefined}>
            <span class="vote-answer" title={tally.answer}>
              {tally.answer}
            </span>
            <span class="number" title="Weight the selector ranked by">
              {Math.round(tally.weight * 100) / 100}
            </span>
            <Bar
              share={total > 0 ? tally.weight / total : 0}
              tone={tally.answer === selected?.answer ? 'chosen' : 'other'}
            />
            <span class="vote-voters">
              {tally.candidateIds.map((id) => (
                <CandidateLink key={id} candidateId={id} onChoose={onChoose} />
              ))}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
