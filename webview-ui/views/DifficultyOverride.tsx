import { useId } from 'preact/hooks';
import type { DifficultyChoice } from '../../protocol/messages.ts';
import { difficultyChoices } from '../../protocol/settingsTable.ts';
import type { PanelHost } from '../state/panelHost.ts';
import { difficultyWords } from '../state/wording.ts';

interface DifficultyOverrideProps {
  readonly choice: DifficultyChoice;
  readonly host: PanelHost;
}

/** What questions from now on are taken for: as each is measured, or one class for all. One click changes the setting. */
export function DifficultyOverride({ choice, host }: DifficultyOverrideProps) {
  const labelId = useId();
  return (
    <div class="class-choice" role="group" aria-labelledby={labelId}>
      <span id={labelId} class="muted">
        Next questions
      </span>
      {difficultyChoices.map((offered) => (
        <button
          key={offered}
          type="button"
          class="button button-secondary"
          aria-pressed={offered === choice}
          title={meaningOf(offered)}
          onClick={() => {
            host.post({ type: 'difficulty/chosen', choice: offered });
          }}
        >
          {nameOf(offered)}
        </button>
      ))}
    </div>
  );
}

function nameOf(choice: DifficultyChoice): string {
  return choice === 'measured' ? 'Auto' : difficultyWords[choice];
}

function meaningOf(choice: DifficultyChoice): string {
  return choice === 'measured'
    ? 'Measure how hard each question is'
    : `Take all questions for ${difficultyWords[choice].toLowerCase()}, until you choose otherwise`;
}
