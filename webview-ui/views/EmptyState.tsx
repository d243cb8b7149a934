import type { TraceSummary } from '../../protocol/messages.ts';
import type { PanelHost } from '../state/panelHost.ts';
import { TraceList } from './TraceList.tsx';

interface EmptyStateProps {
  readonly traces: readonly TraceSummary[];
  readonly host: PanelHost;
}

/** Before the first question: what will be here, and what was here before. */
export function EmptyState({ traces, host }: EmptyStateProps) {
  return (
    <div class="empty">
      <h1>Nothing has been asked yet</h1>
      <p>
        Ask a question below. While the model thinks, this panel shows every candidate, how sure the model was
        of each token, what was decided and where the tokens went.
      </p>
      <TraceList traces={traces} shownId={null} host={host} />
    </div>
  );
}
