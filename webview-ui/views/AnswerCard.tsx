import type { TraceState } from '../../protocol/traceState.ts';
import { splitAnswer } from '../charts/answerBlocks.ts';
import { Section } from '../components/Section.tsx';

/** The selected answer and the text it came with. Text stays text: no markup in it is ever interpreted. */
export function AnswerCard({ trace }: { readonly trace: TraceState }) {
  const { selected, vote } = trace;
  if (selected === null) return null;
  const party = vote?.tallies.find(({ candidateIds }) => candidateIds.includes(selected.candidateId));
  const votes = party?.candidateIds.length ?? null;
  const voters = vote?.tallies.reduce((sum, tally) => sum + tally.candidateIds.length, 0) ?? 0;
  return (
    <Section
      title="Answer"
      name="answer"
      aside={
        votes === null || voters < 2 ? null : (
          <span class="muted">
            {votes} of {voters} votes
          </span>
        )
      }
    >
      {selected.answer === null ? null : <p class="answer-value">{selected.answer}</p>}
      <div class="answer-text">
        {splitAnswer(selected.text).map((block, index) =>
          block.type === 'code' ? (
            <pre
              key={index}
              tabIndex={0}
              aria-label={block.language === '' ? 'Code' : `${block.language} code`}
            >
              <code>{block.text}</code>
            </pre>
          ) : (
            <p key={index}>{block.text}</p>
          ),
        )}
      </div>
    </Section>
  );
}
