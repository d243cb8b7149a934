import { useId } from 'preact/hooks';
import { difficultyClasses, type RequestId } from '../../protocol/traceEvent.ts';
import type { PanelHost } from '../state/panelHost.ts';
import { difficultyWords } from '../state/wording.ts';

interface AskAgainProps {
  readonly requestId: RequestId;
  /** Whether a question asked now is answered. */
  readonly isEnabled: boolean;
  readonly host: PanelHost;
}

/** Asks the shown question once more, taken for a class of the user's choice. The answer comes as a new trace. */
export function AskAgain({ requestId, isEnabled, host }: AskAgainProps) {
  const labelId = useId();
  return (
    <div class="class-choice" role="group" aria-labelledby={labelId}>
      <span id={labelId} class="muted">
        Ask again as
      </span>
      {difficultyClasses.map((difficulty) => (
        <button
          key={difficulty}
          type="button"
          class="button button-secondary"
          disabled={!isEnabled}
          title={`Ask this question again, taken for ${difficultyWords[difficulty].toLowerCase()}, as a new trace`}
          onClick={() => {
            host.post({ type: 'question/askedAgain', requestId, difficulty });
          }}
        >
          {difficultyWords[difficulty]}
        </button>
      ))}
    </div>
  );
}
