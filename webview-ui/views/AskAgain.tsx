import { useId } from 'preact/hooks';
import type { ClassOffer, RequestId } from '../../protocol/traceEvent.ts';
import { offerWords } from '../state/offerWords.ts';
import type { PanelHost } from '../state/panelHost.ts';

interface AskAgainProps {
  readonly requestId: RequestId;
  readonly offers: readonly ClassOffer[];
  /** Whether a question asked now is answered. */
  readonly isEnabled: boolean;
  readonly host: PanelHost;
}

/** Asks the shown question once more, taken for a class of the user's choice. The answer comes as a new trace. */
export function AskAgain({ requestId, offers, isEnabled, host }: AskAgainProps) {
  const labelId = useId();
  return (
    <div class="class-choice" role="group" aria-labelledby={labelId}>
      <span id={labelId} class="muted">
        Ask again as
      </span>
      {offers.map((offer) => {
        const { name, meaning } = offerWords(offer);
        return (
          <button
            key={offer.difficulty}
            type="button"
            class="button button-secondary"
            disabled={!isEnabled}
            title={meaning}
            onClick={() => {
              host.post({ type: 'question/askedAgain', requestId, difficulty: offer.difficulty });
            }}
          >
            {name}
          </button>
        );
      })}
    </div>
  );
}
