import { counted } from '../../protocol/counted.ts';
import type { TraceSummary } from '../../protocol/messages.ts';
import type { RequestId } from '../../protocol/traceEvent.ts';
import type { TraceState } from '../../protocol/traceState.ts';
import { Section } from '../components/Section.tsx';
import type { PanelHost } from '../state/panelHost.ts';

interface ContextSectionProps {
  readonly trace: TraceState;
  readonly traces: readonly TraceSummary[];
  readonly host: PanelHost;
}

/** What went along with the question: earlier ones of its conversation, texts of files, and what had no room. */
export function ContextSection({ trace, traces, host }: ContextSectionProps) {
  const context = trace.started?.context;
  if (context === undefined) return null;
  const { attachments, conversation } = context;
  const leftOut = trace.decisions.find(({ kind }) => kind === 'contextLeftOut');
  const titleOf = (requestId: RequestId): string =>
    traces.find((summary) => summary.requestId === requestId)?.title ?? requestId;
  return (
    <Section title="Went along" name="context">
      <ul class="context" aria-label="Went along">
        {conversation.map((requestId) => (
          <li key={requestId}>
            {host.mode === 'live' ? (
              <button
                type="button"
                class="candidate-link"
                title="Show this earlier question"
                onClick={() => {
                  host.post({ type: 'trace/open', requestId });
                }}
              >
                {titleOf(requestId)}
              </button>
            ) : (
              titleOf(requestId)
            )}
          </li>
        ))}
        {attachments.map(({ path, text }, index) => (
          <li key={index}>
            {path} <span class="muted">{counted(text.split('\n').length, 'line')}</span>
          </li>
        ))}
      </ul>
      {leftOut === undefined ? null : <p class="note">{leftOut.why}</p>}
    </Section>
  );
}
