import { emptyLedger } from './budget.ts';
import type { ErrorData } from './codedError.ts';
import type { TraceEvent } from './traceEvent.ts';

const writerEnded: ErrorData = {
  code: 'sidecar.gone',
  message: 'The trace was interrupted: the process that wrote it ended before the request did.',
  remedy: 'Ask the question again.',
};

/**
 * The events of a trace that nobody writes any more, closed by one that says so where its writer was killed before it
 * could. Others come back as they are. Pure.
 */
export function closedTrace(events: readonly TraceEvent[]): readonly TraceEvent[] {
  const type = events.at(-1)?.type;
  const isClosed = type === undefined || type === 'request/finished' || type === 'request/failed';
  return isClosed ? events : [...events, failedEvent(events, writerEnded)];
}

/** The event that closes a request behind these events of it, with what was last known of its cost. Pure. */
export function failedEvent(events: readonly TraceEvent[], error: ErrorData): TraceEvent {
  const last = events.at(-1);
  const ledger = events.findLast((event) => event.type === 'ledger/updated')?.ledger ?? emptyLedger;
  return { type: 'request/failed', error, ledger, seq: (last?.seq ?? -1) + 1, timeMs: last?.timeMs ?? 0 };
}
