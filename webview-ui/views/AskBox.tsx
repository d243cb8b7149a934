import { useEffect, useId, useState } from 'preact/hooks';
import { type BoxUse, boxWords, sentWords } from '../state/boxUse.ts';
import { followable } from '../state/followable.ts';
import type { PanelHost } from '../state/panelHost.ts';
import type { PanelState } from '../state/panelState.ts';
import { takesQuestions } from '../state/takesQuestions.ts';
import { BoxUseSwitch } from './BoxUseSwitch.tsx';
import { ContextChips } from './ContextChips.tsx';
import { FollowLine } from './FollowLine.tsx';
import { QuestionField } from './QuestionField.tsx';

interface AskBoxProps {
  readonly host: PanelHost;
  readonly panel: PanelState;
}

/**
 * Where the next question is asked, in the conversation of the trace on show unless the user begins a new one; and where code of
 * the editor is edited by the same means.
 */
export function AskBox({ host, panel }: AskBoxProps) {
  const { health, offered, accepted } = panel;
  const [use, setUse] = useState<BoxUse>('ask');
  const [question, setQuestion] = useState('');
  const [newAfter, setNewAfter] = useState<string | null>(null);
  const placeId = useId();
  const shown = followable(panel);
  const follows = shown?.requestId === newAfter ? null : shown;
  // What goes along may be refused: the words stay until they are accepted, and what was typed meanwhile stays after.
  useEffect(() => {
    if (accepted === null) return;
    setQuestion((text) => (text.trim() === accepted.question ? '' : text));
  }, [accepted]);
  const message = sentWords(use, question.trim(), { follows: follows?.requestId ?? null, offered });
  const canAsk = message !== null && takesQuestions(health);
  const send = (): void => {
    if (canAsk) host.post(message);
  };
  const words = boxWords(use, follows !== null);
  return (
    <form
      class="ask"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div class="ask-head">
        <BoxUseSwitch use={use} onChoose={setUse} />
        {use === 'edit' ? <EditPlaceLine id={placeId} place={offered.edit?.place ?? null} /> : null}
        {use === 'ask' && shown !== null ? (
          <FollowLine
            title={shown.title}
            isFollowed={follows !== null}
            onChoose={(isFollowed) => {
              setNewAfter(isFollowed ? null : shown.requestId);
            }}
          />
        ) : null}
      </div>
      <ContextChips
        chips={use === 'edit' ? (offered.edit?.chips ?? []) : offered.chips}
        name={words.chipsName}
        host={host}
      />
      <QuestionField
        host={host}
        found={panel.found}
        question={question}
        words={words}
        describedBy={use === 'edit' ? placeId : undefined}
        canAsk={canAsk}
        onChange={setQuestion}
        onSend={send}
      />
      <ModelLine health={health} />
    </form>
  );
}

interface EditPlaceLineProps {
  readonly id: string;
  /** Null where no file is open. */
  readonly place: string | null;
}

function EditPlaceLine({ id, place }: EditPlaceLineProps) {
  return (
    <p class="follow" id={id}>
      <span class="follow-title">{place === null ? 'Open a file to edit.' : `May change ${place}.`}</span>
    </p>
  );
}

/** What answers the question of the box, and where. */
function ModelLine({ health }: Pick<PanelState, 'health'>) {
  if (health?.standIn !== undefined)
    return <p class="ask-model">{health.standIn.modelName} on this machine</p>;
  if (health?.state !== 'ready') return null;
  return (
    <p class="ask-model">
      {health.modelName} on {health.backend}
    </p>
  );
}
