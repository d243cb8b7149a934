import { useState } from 'preact/hooks';
import type { Health } from '../../protocol/health.ts';
import { Icon } from '../components/Icon.tsx';
import type { PanelHost } from '../state/panelHost.ts';
import { takesQuestions } from '../state/takesQuestions.ts';

interface AskBoxProps {
  readonly host: PanelHost;
  readonly health: Health | null;
}

/** Where the next question is asked. Enter sends, Shift+Enter breaks the line. */
export function AskBox({ host, health }: AskBoxProps) {
  const [question, setQuestion] = useState('');
  const trimmed = question.trim();
  const canAsk = trimmed !== '' && takesQuestions(health);
  const send = (): void => {
    if (!canAsk) return;
    host.post({ type: 'question/asked', question: trimmed });
    setQuestion('');
  };
  return (
    <form
      class="ask"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="ask-field">
        <textarea
          rows={1}
          value={question}
          placeholder="Ask a question"
          aria-label="Question"
          onInput={(event) => {
            setQuestion(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button
          type="submit"
          class="button button-icon"
          disabled={!canAsk}
          title="Ask (Enter)"
          aria-label="Ask"
        >
          <Icon name="send" />
        </button>
      </div>
      {health?.state === 'ready' ? (
        <p class="ask-model">
          {health.modelName} on {health.backend}
        </p>
      ) : null}
    </form>
  );
}
