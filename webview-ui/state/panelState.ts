import { assertNever } from '../../protocol/assertNever.ts';
import type { Health } from '../../protocol/health.ts';
import type { DifficultyChoice, TraceSummary } from '../../protocol/messages.ts';
import type { HostToPanel, OfferedContext, PanelToHost } from '../../protocol/panelMessages.ts';
import type { RequestId, TraceEvent } from '../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../protocol/traceState.ts';

/** What the panel knows so far. Nothing in it outlives the page; a snapshot brings all of it back. */
export interface PanelState {
  readonly requestId: RequestId | null;
  readonly trace: TraceState;
  /** Whether the host can ask the shown question again. */
  readonly canAskAgain: boolean;
  /** Set from the moment a gap was seen until the snapshot that closes it. */
  readonly isAwaitingResend: boolean;
  readonly traces: readonly TraceSummary[];
  readonly health: Health | null;
  /** The setting; null until the host has said, and where it changes nothing. */
  readonly difficultyChoice: DifficultyChoice | null;
  /** What goes along with the words of the box, what could, and what they could change. */
  readonly offered: OfferedContext;
  /** The words of the box that are answered since; null before. One object for each time. */
  readonly accepted: { readonly question: string } | null;
  /** Files that were found last; null before. */
  readonly found: FoundFiles | null;
}

/** Files of the workspace, and what they were found for. */
export type FoundFiles = Pick<Extract<HostToPanel, { readonly type: 'files/found' }>, 'query' | 'paths'>;

export const initialPanelState: PanelState = {
  requestId: null,
  trace: initialTraceState,
  canAskAgain: false,
  isAwaitingResend: false,
  traces: [],
  health: null,
  difficultyChoice: null,
  offered: { chips: [], edit: null },
  accepted: null,
  found: null,
};

export interface Received {
  readonly state: PanelState;
  readonly replies: readonly PanelToHost[];
}

/** State and replies after messages in their order. Pure; costs one pass over the tokens that are new. */
export function receiveMessages(state: PanelState, messages: readonly HostToPanel[]): Received {
  let next = state;
  const replies: PanelToHost[] = [];
  for (const message of joinAppends(messages)) {
    const received = receiveMessage(next, message);
    next = received.state;
    replies.push(...received.replies);
  }
  return { state: next, replies };
}

function receiveMessage(state: PanelState, message: HostToPanel): Received {
  switch (message.type) {
    case 'trace/snapshot':
      return {
        state: {
          ...state,
          requestId: message.requestId,
          trace: reduceTraceAll(initialTraceState, message.events),
          canAskAgain: message.canAskAgain === true,
          isAwaitingResend: false,
        },
        replies: [],
      };
    case 'trace/append':
      return receiveAppend(state, message.requestId, message.events);
    case 'traces/listed':
      return { state: { ...state, traces: message.traces }, replies: [] };
    case 'health/changed':
      return { state: { ...state, health: message.health }, replies: [] };
    case 'difficulty/changed':
      return { state: { ...state, difficultyChoice: message.choice }, replies: [] };
    case 'context/changed':
      return {
        state: { ...state, offered: { chips: message.chips, edit: message.edit } },
        replies: [],
      };
    case 'question/accepted':
      return { state: { ...state, accepted: { question: message.question } }, replies: [] };
    case 'files/found':
      return { state: { ...state, found: { query: message.query, paths: message.paths } }, replies: [] };
    default:
      return assertNever(message);
  }
}

/** Appends for another request than the one shown are not ours; while a resend is under way they come in it. */
function receiveAppend(state: PanelState, requestId: RequestId, events: readonly TraceEvent[]): Received {
  if (requestId !== state.requestId || state.isAwaitingResend) return { state, replies: [] };
  const { fresh, hasGap } = takeContiguous(events, state.trace.nextSeq);
  const trace = fresh.length === 0 ? state.trace : reduceTraceAll(state.trace, fresh);
  return hasGap
    ? { state: { ...state, trace, isAwaitingResend: true }, replies: [{ type: 'trace/resend', requestId }] }
    : { state: trace === state.trace ? state : { ...state, trace }, replies: [] };
}

function takeContiguous(
  events: readonly TraceEvent[],
  fromSeq: number,
): { readonly fresh: readonly TraceEvent[]; readonly hasGap: boolean } {
  const fresh: TraceEvent[] = [];
  let nextSeq = fromSeq;
  for (const event of events) {
    if (event.seq < nextSeq) continue;
    if (event.seq > nextSeq) return { fresh, hasGap: true };
    fresh.push(event);
    nextSeq++;
  }
  return { fresh, hasGap: false };
}

/** Neighbouring appends of one request as one, so that a frame's worth of tokens is copied once. */
function joinAppends(messages: readonly HostToPanel[]): readonly HostToPanel[] {
  const joined: HostToPanel[] = [];
  for (const message of messages) {
    const last = joined.at(-1);
    if (
      message.type === 'trace/append' &&
      last?.type === 'trace/append' &&
      last.requestId === message.requestId
    ) {
      joined[joined.length - 1] = { ...last, events: [...last.events, ...message.events] };
    } else joined.push(message);
  }
  return joined;
}
