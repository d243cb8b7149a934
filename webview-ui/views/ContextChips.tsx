import type { ContextChip } from '../../protocol/panelMessages.ts';
import { Icon } from '../components/Icon.tsx';
import type { PanelHost } from '../state/panelHost.ts';

interface ContextChipsProps {
  readonly chips: readonly ContextChip[];
  /** Names the list. */
  readonly name: string;
  readonly host: PanelHost;
}

/** What goes along with the words of the box, each with a button that removes it, and what could, with one that adds it. */
export function ContextChips({ chips, name, host }: ContextChipsProps) {
  if (chips.length === 0) return null;
  return (
    <ul class="chips" aria-label={name}>
      {chips.map(({ id, label, title, isGiven }) => (
        <li key={id} class="chip" data-given={isGiven ? '' : undefined}>
          <button
            type="button"
            title={isGiven ? `${title} goes along. Remove it.` : `${title} could go along. Add it.`}
            aria-label={isGiven ? `Remove ${label}` : `Add ${label}`}
            onClick={() => {
              host.post({ type: isGiven ? 'context/removed' : 'context/given', id });
            }}
          >
            {isGiven ? label : `+ ${label}`}
            {isGiven ? <Icon name="cross" /> : null}
          </button>
        </li>
      ))}
    </ul>
  );
}
