import { useEffect } from 'preact/hooks';
import type { SteerParams } from '../../protocol/messages.ts';
import { steerKeys } from '../../protocol/steerKeys.ts';
import type { RequestId } from '../../protocol/traceEvent.ts';
import { Icon, type IconName } from '../components/Icon.tsx';
import type { PanelHost } from '../state/panelHost.ts';

interface Control {
  readonly action: SteerParams['action'];
  readonly name: string;
  readonly icon: IconName;
  readonly meaning: string;
}

const controls: readonly Control[] = [
  {
    action: 'answerNow',
    name: 'Answer now',
    icon: 'answer',
    meaning: 'Close the thought and ask for the answer',
  },
  {
    action: 'thinkMore',
    name: 'Think more',
    icon: 'more',
    meaning: 'Let every candidate think longer',
  },
  { action: 'stop', name: 'Stop', icon: 'stop', meaning: 'End the request and keep what there is' },
];

interface ControlsProps {
  readonly requestId: RequestId;
  readonly isRunning: boolean;
  readonly host: PanelHost;
}

/** Steers the request while it runs, by button or by a single key outside of text fields. */
export function Controls({ requestId, isRunning, host }: ControlsProps) {
  useEffect(() => {
    if (!isRunning) return undefined;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTextField(event.target)) return;
      const control = controls.find(({ action }) => steerKeys[action] === event.key.toLowerCase());
      if (control !== undefined)
        host.post({ type: 'request/steer', steer: { requestId, action: control.action } });
    };
    window.addEventListener('keydown', onKeyDown);
    return () => {
      window.removeEventListener('keydown', onKeyDown);
    };
  }, [isRunning, requestId, host]);
  return (
    <div class="controls" role="group" aria-label="Steer the request">
      {controls.map((control) => (
        <button
          key={control.action}
          type="button"
          class="button button-secondary"
          disabled={!isRunning}
          title={`${control.meaning} (${steerKeys[control.action].toUpperCase()})`}
          aria-keyshortcuts={steerKeys[control.action].toUpperCase()}
          onClick={() => {
            host.post({ type: 'request/steer', steer: { requestId, action: control.action } });
          }}
        >
          <Icon name={control.icon} />
          {control.name}
        </button>
      ))}
    </div>
  );
}

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  );
}
