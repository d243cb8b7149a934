import type { ComponentChildren } from 'preact';
import { chartGutterPx } from '../charts/tokenAxis.ts';
import { HealthBanner } from '../components/HealthBanner.tsx';
import type { PanelHost } from '../state/panelHost.ts';
import type { PanelStore } from '../state/panelStore.ts';
import { usePanelState } from '../state/usePanelState.ts';
import { AskBox } from './AskBox.tsx';
import { EmptyState } from './EmptyState.tsx';
import { TraceView } from './TraceView.tsx';

interface PanelProps {
  readonly store: PanelStore;
  readonly host: PanelHost;
  /** Shown at the foot in place of the box for the next question. */
  readonly foot?: ComponentChildren;
}

/** The whole panel: one trace, and below it where to ask the next question. */
export function Panel({ store, host, foot }: PanelProps) {
  const state = usePanelState(store);
  return (
    <div class="panel" style={{ '--gutter': `${chartGutterPx}px` }}>
      <main class="panel-body">
        <HealthBanner health={state.health} />
        {state.requestId === null ? (
          <EmptyState traces={state.traces} host={host} />
        ) : (
          <TraceView key={state.requestId} requestId={state.requestId} panel={state} host={host} />
        )}
      </main>
      {foot ?? <AskBox host={host} panel={state} />}
    </div>
  );
}
