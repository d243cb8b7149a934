import { useEffect, useState } from 'preact/hooks';
import type { Health } from '../../protocol/health.ts';
import { followable } from '../state/followable.ts';
import type { PanelHost } from '../state/panelHost.ts';
import type { PanelState } from '../state/panelState.ts';
import { takesQuestions } from '../state/takesQuestions.ts';
import { ContextChips } from './ContextChips.tsx';
import { FollowLine } from './FollowLine.tsx';
import { QuestionField } from './QuestionField.tsx';

interface AskBoxProps {
  readonly host: PanelHost;
  readonly panel: PanelState;
}

/** Where the next question is asked: in the conversation of the trace on show, unless the user begins a new one. */
export function AskBox({ host, panel }: AskBoxProps) {
  const { health, chips, accepted } = panel;
  const [question, setQuestion] = useState('');
  const [newAfter, setNewAfter] = useState<string | null>(null);
  const shown = followable(panel);
  const follows = shown?.requestId === newAfter ? null : shown;
  const trimmed = question.trim();
  // What goes along may be refused: the words stay until they are accepted, and what was typed meanwhile stays after.
  useEffect(() => {
    if (accepted === null) return;
    setQuestion((text) => (text.trim() === accepted.question ? '' : text));
  }, [accepted]);
  const canAsk = trimmed !== '' && takesQuestions(health);
  const send = (): void => {
    if (!canAsk) return;
    host.post({ type: 'question/asked', question: trimmed, follows: follows?.requestId ?? null });
  };
  return (
    <form
      class="ask"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {shown === null ? null : (
        <FollowLine
          title={shown.title}
          isFollowed={follows !== null}
          onChoose={(isFollowed) => {
            setNewAfter(isFollowed ? null : shown.requestId);
          }}
        />
      )}
      <ContextChips chips={chips} host={host} />
      <QuestionField
        host={host}
        found={panel.found}
        question={question}
        placeholder={follows === null ? 'Ask a question' : 'Ask a follow-up question'}
        canAsk={canAsk}
        onChange={setQuestion}
        onSend={send}
      />
      <AskedModel health={health} />
    </form>
  );
}

/** What answers the question of the box, and where. */
function AskedModel({ health }: { readonly health: Health | null }) {
  if (health?.standIn !== undefined)
    return <p class="ask-model">{health.standIn.modelName} on this machine</p>;
  if (health?.state !== 'ready') return null;
  return (
    <p class="ask-model">
      {health.modelName} on {health.backend}
    </p>
  );
}
