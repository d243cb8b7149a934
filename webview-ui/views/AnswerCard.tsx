import { useMemo, useRef } from 'preact/hooks';
import { isProvenByTest, type TraceState } from '../../protocol/traceState.ts';
import { Section } from '../components/Section.tsx';
import { ShortAnswer } from '../components/ShortAnswer.tsx';
import { useFollowEnd } from '../components/useFollowEnd.ts';
import { CodeActionsContext } from '../markdown/codeActions.ts';
import { Markdown } from '../markdown/Markdown.tsx';
import { codeActionsOf } from '../state/codeActionsOf.ts';
import type { PanelHost } from '../state/panelHost.ts';
import { shortAnswer } from '../state/shortAnswer.ts';
import { type ShownAnswer, shownAnswer } from '../state/shownAnswer.ts';
import { Thought } from './Thought.tsx';

interface AnswerCardProps {
  readonly trace: TraceState;
  readonly host: PanelHost;
}

/**
 * The answer while it is written, of the candidate that leads, and then the selected one: in one line where it has more,
 * and the text it came with. Code of an edit is folded then: a comparison shows
 * it, or showed it.
 */
export function AnswerCard({ trace, host }: AnswerCardProps) {
  const shown = shownAnswer(trace);
  if (shown === null) return null;
  const { selected, started } = trace;
  const isFolded = started?.kind === 'edit' && selected !== null && shown.answer.includes('```');
  const text = <AnswerText key={shown.candidate?.id ?? 'none'} {...{ shown, started, host }} />;
  const support = supportFor(trace);
  const aside = shown.words ?? support;
  return (
    <Section title="Answer" name="answer" aside={aside === null ? null : <span class="muted">{aside}</span>}>
      {isFolded ? (
        <details class="answer-folded">
          <summary>What the model wrote</summary>
          {text}
        </details>
      ) : (
        <>
          {selected === null || selected.answer === null ? null : <AnswerValue answer={selected.answer} />}
          {isSaidByValue(shown, selected) ? null : text}
        </>
      )}
    </Section>
  );
}

interface AnswerTextProps extends Pick<TraceState, 'started'> {
  readonly shown: ShownAnswer;
  readonly host: PanelHost;
}

function AnswerText({ shown, started, host }: AnswerTextProps) {
  const { candidate, thought, answer, isGrowing } = shown;
  const scroller = useRef<HTMLDivElement>(null);
  useFollowEnd(scroller, { length: thought.length + answer.length, isGrowing });
  const actions = useMemo(() => codeActionsOf(host, { started, isGrowing }), [host, started, isGrowing]);
  const hasAnswer = answer.trim() !== '';
  const isThinking = isGrowing && !hasAnswer && candidate?.status === 'running';
  return (
    <div class="answer-text" ref={scroller} aria-busy={isGrowing}>
      {thought.trim() === '' ? null : <Thought text={thought} isRunning={isThinking} hasAnswer={hasAnswer} />}
      {hasAnswer ? (
        <CodeActionsContext.Provider value={actions}>
          <Markdown text={answer} isGrowing={isGrowing} />
        </CodeActionsContext.Provider>
      ) : null}
    </div>
  );
}

/** Whether the line above has all there is. */
function isSaidByValue({ thought, answer }: ShownAnswer, selected: TraceState['selected']): boolean {
  return thought.trim() === '' && selected?.answer === answer.trim() && shortAnswer(answer).isWhole;
}

/** What speaks for the answer: a test that it passes, else votes. */
function supportFor(trace: TraceState): string | null {
  const { selected, vote } = trace;
  if (selected === null) return null;
  if (isProvenByTest(trace)) return 'passes the test';
  const group = vote?.tallies.find(({ candidateIds }) => candidateIds.includes(selected.candidateId));
  const voters = vote?.tallies.reduce((sum, tally) => sum + tally.candidateIds.length, 0) ?? 0;
  return group === undefined || voters < 2 ? null : `${group.candidateIds.length} of ${voters} votes`;
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
