import { useState } from 'preact/hooks';
import { Markdown } from '../markdown/Markdown.tsx';

interface ThoughtProps {
  readonly text: string;
  /** Whether the candidate still thinks. */
  readonly isRunning: boolean;
  /** Whether it has begun to answer. */
  readonly hasAnswer: boolean;
}

/** What was thought before an answer: open until the answer begins, and from then on as the reader leaves it. */
export function Thought({ text, isRunning, hasAnswer }: ThoughtProps) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const isOpen = chosen ?? !hasAnswer;
  return (
    <details class="thought" open={isOpen}>
      <summary
        onClick={(event) => {
          event.preventDefault();
          setChosen(!isOpen);
        }}
      >
        {isRunning ? 'Thinking…' : 'Thought'}
      </summary>
      {isOpen ? (
        <div class="thought-text">
          <Markdown text={text} isGrowing={isRunning} />
        </div>
      ) : null}
    </details>
  );
}
