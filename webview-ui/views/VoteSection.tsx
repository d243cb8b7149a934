import { selectorWords } from '../../protocol/selectorTable.ts';
import type { CandidateId, VoteTally } from '../../protocol/traceEvent.ts';
import { voteNotes, type TraceState } from '../../protocol/traceState.ts';
import { Bar } from '../components/Bar.tsx';
import { CandidateLink } from '../components/CandidateLink.tsx';
import { Section } from '../components/Section.tsx';
import { ShortAnswer } from '../components/ShortAnswer.tsx';

interface VoteSectionProps {
  readonly trace: TraceState;
  readonly onChoose: (candidateId: CandidateId, tokenIndex: number | null) => void;
}

/** Which answers were given, by whom, and what the selector made of them. */
export function VoteSection({ trace, onChoose }: VoteSectionProps) {
  const { vote, selected, judgement } = trace;
  if (vote === null || vote.tallies.length === 0) return null;
  const total = vote.tallies.reduce((sum, tally) => sum + tally.weight, 0);
  const { name, meaning } = selectorWords(vote.selector);
  return (
    <Section
      title="Vote"
      name="vote"
      aside={
        <span class="muted" title={meaning}>
          {name}
        </span>
      }
    >
      {voteNotes(trace).map(({ kind, why }) => (
        <p key={kind} class="muted">
          {why}
        </p>
      ))}
      {judgement === null ? null : (
        <ul class="checklist">
          {judgement.checklist.map((point, index) => (
            <li key={index}>{point}</li>
          ))}
        </ul>
      )}
      <ol class="votes">
        {vote.tallies.map((tally) => (
          <li key={tally.candidateIds[0]} data-won={hasWon(tally, selected) ? '' : undefined}>
            <ShortAnswer answer={tally.answer} />
            <span class="number" title="Weight the selector ranked by">
              {Math.round(tally.weight * 100) / 100}
            </span>
            <Bar
              share={total > 0 ? tally.weight / total : 0}
              tone={hasWon(tally, selected) ? 'chosen' : 'other'}
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

function hasWon({ candidateIds }: VoteTally, selected: TraceState['selected']): boolean {
  return selected !== null && candidateIds.includes(selected.candidateId);
}
