import { useId } from 'preact/hooks';
import type { DifficultyChoice } from '../../protocol/messages.ts';
import type { ClassOffer } from '../../protocol/traceEvent.ts';
import { offerWords } from '../state/offerWords.ts';
import type { PanelHost } from '../state/panelHost.ts';

interface DifficultyOverrideProps {
  readonly choice: DifficultyChoice;
  readonly offers: readonly ClassOffer[];
  readonly host: PanelHost;
}

/** What questions from now on are taken for: as each is read, or one class for all. One click changes the setting. */
export function DifficultyOverride({ choice, offers, host }: DifficultyOverrideProps) {
  const labelId = useId();
  const offered = offers.map((offer) => ({ choice: offer.difficulty, ...offerWords(offer) }));
  const automatic = { choice: 'measured', name: 'Auto', meaning: 'Set no class' } as const;
  return (
    <div class="class-choice" role="group" aria-labelledby={labelId}>
      <span id={labelId} class="muted">
        Next questions
      </span>
      {[automatic, ...offered].map((one) => (
        <button
          key={one.choice}
          type="button"
          class="button button-secondary"
          aria-pressed={one.choice === choice}
          title={one.meaning}
          onClick={() => {
            host.post({ type: 'difficulty/chosen', choice: one.choice });
          }}
        >
          {one.name}
        </button>
      ))}
    </div>
  );
}
