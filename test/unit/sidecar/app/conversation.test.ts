import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { RequestId, TraceEvent } from '../../../../protocol/traceEvent.ts';
import { turnsUpTo } from '../../../../sidecar/app/conversation.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { conversationMessages } from '../../../../sidecar/prompts/chatPrompt.ts';
import { markedEngine } from '../../../support/engine/markedModel.ts';
import { type FlatRequest, runScripted } from '../../../support/engine/scriptedRequest.ts';

/** Traces by id; as a store, those that are not there are unknown. */
function stored(traces: Readonly<Partial<Record<RequestId, readonly TraceEvent[]>>>) {
  return {
    read: (requestId: RequestId): Promise<readonly TraceEvent[]> => {
      const events = traces[requestId];
      return events === undefined
        ? Promise.reject(new CodedError('request.unknown', 'There is no trace.', 'Choose another.'))
        : Promise.resolve(events);
    },
  };
}

async function traceOf(texts: readonly string[], request: FlatRequest): Promise<readonly TraceEvent[]> {
  return (await runScripted(scriptBySequence([texts]), { request })).events;
}

const row = { languageId: 'typescript', path: 'row.ts', text: 'let row = [];' };

describe('turnsUpTo', () => {
  it('gives a question as it was put, and its answer', async () => {
    const r1 = await traceOf(['A row is a list.'], {
      requestId: 'r1',
      question: 'What is a row?',
      attachment: row,
    });
    expect(await turnsUpTo(stored({ r1 }), 'r1')).toEqual([
      {
        requestId: 'r1',
        question: 'What is a row?',
        files: [row],
        style: 'direct',
        answer: 'A row is a list.',
      },
    ]);
  });

  it('leaves thoughts out', async () => {
    const request = { requestId: 'r1', question: 'How many?', strategy: 'chainOfThought' } as const;
    const r1 = await traceOf(['It is 12.\nFinal answer:', ' 12'], request);
    const [turn] = await turnsUpTo(stored({ r1 }), 'r1');
    expect(turn).toMatchObject({ style: 'stepByStep', answer: ' 12' });
  });

  it('gives a thought with markers apart, for templates that keep it', async () => {
    const request = { requestId: 'r1', question: 'How many?', strategy: 'chainOfThought' } as const;
    const script = scriptBySequence([['Three fours.\n</think>', '\n\nFinal answer: 12']]);
    const { events: r1 } = await runScripted(script, { request, engine: markedEngine() });
    const [turn] = await turnsUpTo(stored({ r1 }), 'r1');
    expect(turn).toMatchObject({ thinks: true, thought: 'Three fours.', answer: 'Final answer: 12' });
  });

  it('goes on with the conversation of the question that is followed, oldest first, without those that are gone', async () => {
    const r1 = await traceOf(['One.'], { requestId: 'r1', question: 'First?' });
    const first = await turnsUpTo(stored({ r1 }), 'r1');
    const r2 = await traceOf(['Two.'], { requestId: 'r2', question: 'Second?', turns: first });
    const second = await turnsUpTo(stored({ r1, r2 }), 'r2');
    expect(second.map(({ requestId }) => requestId)).toEqual(['r1', 'r2']);
    expect((await turnsUpTo(stored({ r2 }), 'r2')).map(({ requestId }) => requestId)).toEqual(['r2']);
    const messages = conversationMessages(second, { question: 'Third?', files: [], style: 'direct' });
    expect(messages.slice(1).map(({ role, content }) => `${role}: ${content}`)).toEqual([
      'user: First?',
      'assistant: One.',
      'user: Second?',
      'assistant: Two.',
      'user: Third?',
    ]);
  });

  it('refuses what nothing can follow on', async () => {
    const r1 = await traceOf(['One.'], { requestId: 'r1' });
    const running = r1.filter(({ type }) => type === 'request/started');
    const cut = r1.filter(({ type }) => type !== 'answer/selected');
    const edited = await traceOf(['```\nx = 1\n```'], { requestId: 'r1', kind: 'edit' });
    for (const traces of [{}, { r1: running }, { r1: cut }, { r1: edited }]) {
      await expect(turnsUpTo(stored(traces), 'r1')).rejects.toMatchObject({ code: 'request.unknown' });
    }
  });
});
