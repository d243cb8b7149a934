import type { RequestId } from '../../protocol/traceEvent.ts';
import type { PanelState } from './panelState.ts';

/** The question on show, where another can follow on it: it has an answer, and has ended. Null otherwise. Pure. */
export function followable({ requestId, trace }: Pick<PanelState, 'requestId' | 'trace'>): {
  readonly requestId: RequestId;
  readonly title: string;
} | null {
  const { started, status, selected } = trace;
  if (requestId === null || started?.kind !== 'ask' || status.type !== 'finished') return null;
  if (selected === null || selected.text.trim() === '') return null;
  return { requestId, title: started.title };
}
