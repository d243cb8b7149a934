import type { TraceState } from '../../protocol/traceState.ts';
import { Section } from '../components/Section.tsx';
import { ShortAnswer } from '../components/ShortAnswer.tsx';
import { Markdown } from '../markdown/Markdown.tsx';
import { shortAnswer } from '../state/shortAnswer.ts';

/** The selected answer, in one line where it has more, and the text it came with. */
export function AnswerCard({ trace }: { readonly trace: TraceState }) {
  const { selected, vote } = trace;
  if (selected === null) return null;
  const group = vote?.tallies.find(({ candidateIds }) => candidateIds.includes(selected.candidateId));
  const votes = group?.candidateIds.length ?? null;
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
      {selected.answer === null ? null : <AnswerValue answer={selected.answer} />}
      <div class="answer-text">
        <Markdown text={selected.text} />
      </div>
    </Section>
  );
}

function AnswerValue({ answer }: { readonly answer: string }) {
  return shortAnswer(answer).isWhole ? (
    <p class="answer-value">{answer}</p>
  ) : (
    <div class="answer-value-long">
      <ShortAnswer answer={answer} />
    </div>
  );
}
