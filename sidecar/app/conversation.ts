import { CodedError } from '../../protocol/codedError.ts';
import type { RequestId } from '../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../protocol/traceState.ts';
import { splitSelected, writtenText } from '../../protocol/writtenText.ts';
import type { PromptStyle, Turn } from '../prompts/chatPrompt.ts';
import type { TraceStore } from '../trace/traceStore.ts';

/** Most turns that are read: far more than a context has room for. */
const mostTurns = 50;

/**
 * The turns of the conversation that a question goes on with, oldest first, the request that it follows last. A turn whose
 * trace was removed meanwhile, or that came to no answer, is not among them. Throws `request.unknown` where the followed one
 * has no trace or no answer, and `trace.unreadable`.
 */
export async function turnsUpTo(
  traces: Pick<TraceStore, 'read'>,
  follows: RequestId,
): Promise<readonly Turn[]> {
  const followed = await traceOf(traces, follows);
  const last = turnOf(followed);
  if (last === null) throw nothingToFollow(follows, followed);
  const earlier = followed.started?.context?.conversation.slice(1 - mostTurns) ?? [];
  const turns: Turn[] = [];
  for (const requestId of earlier) {
    const trace = await traceOf(traces, requestId).catch((thrown: unknown) => {
      if (thrown instanceof CodedError && thrown.code === 'request.unknown') return null;
      throw thrown;
    });
    const turn = trace === null ? null : turnOf(trace);
    if (turn !== null) turns.push(turn);
  }
  return [...turns, last];
}

async function traceOf(traces: Pick<TraceStore, 'read'>, requestId: RequestId): Promise<TraceState> {
  return reduceTraceAll(initialTraceState, await traces.read(requestId));
}

/** A question and its answer as a further prompt has them; null for a trace that is not of a question with an answer. */
function turnOf({ started, selected, candidates }: TraceState): Turn | null {
  if (started?.kind !== 'ask' || selected === null) return null;
  const winner = candidates.find(({ id }) => id === selected.candidateId);
  const written = winner === undefined ? { thought: '', answer: '' } : writtenText(winner, candidates);
  const { thought, answer } = splitSelected(selected.text, written);
  if (answer.trim() === '') return null;
  const hasThought = candidates.some(({ segments }) =>
    segments.some((segment) => segment.type === 'generated' && segment.purpose === 'thought'),
  );
  // Thoughts are written where the prompt asked for them.
  const style: PromptStyle = hasThought ? 'stepByStep' : 'direct';
  const files = started.context?.attachments ?? [];
  const turn = { requestId: started.requestId, question: started.title, files, style };
  // White space belongs to the marker before it, which the chat template writes.
  return started.thinking === undefined
    ? { ...turn, answer }
    : { ...turn, thinks: true, thought: thought.trim(), answer: answer.trimStart() };
}

function nothingToFollow(requestId: RequestId, { started, status }: TraceState): CodedError {
  if (started !== null && started.kind !== 'ask') {
    const what = started.kind === 'edit' ? 'an edit' : 'a completion';
    return new CodedError(
      'request.unknown',
      `${requestId} is ${what}, which no question can follow on.`,
      'Name a question.',
    );
  }
  return status.type === 'running'
    ? new CodedError(
        'request.unknown',
        `The question ${requestId} is still being answered.`,
        'Wait for its answer, or ask in a new conversation.',
      )
    : new CodedError(
        'request.unknown',
        `The question ${requestId} ended without an answer, so there is nothing to follow on.`,
        'Ask it again, or ask in a new conversation.',
      );
}
