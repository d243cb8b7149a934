import type { TraceSummary } from '../../protocol/messages.ts';
import type { RequestId } from '../../protocol/traceEvent.ts';
import { formatBytes } from '../charts/numberFormat.ts';
import { Section } from '../components/Section.tsx';
import type { PanelHost } from '../state/panelHost.ts';

interface TraceListProps {
  readonly traces: readonly TraceSummary[];
  readonly shownId: RequestId | null;
  readonly host: PanelHost;
}

const timeFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Earlier requests in the order of the host, which is newest first; choosing one shows its trace. */
export function TraceList({ traces, shownId, host }: TraceListProps) {
  if (traces.length === 0) return null;
  return (
    <Section title="Recent traces" name="traces" aside={<span class="number">{traces.length}</span>}>
      <ul class="traces">
        {traces.map((trace) => (
          <li key={trace.requestId}>
            <button
              type="button"
              class="trace"
              aria-current={trace.requestId === shownId ? 'true' : undefined}
              onClick={() => {
                host.post({ type: 'trace/open', requestId: trace.requestId });
              }}
            >
              <span class="trace-title">{trace.title}</span>
              <span class="trace-facts">
                {trace.kind === 'completion' ? 'completion · ' : null}
                {timeFormat.format(new Date(trace.startedAt))} · {formatBytes(trace.sizeBytes)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
