import { describe, expect, it, vi } from 'vitest';
import { LlamaSequence } from '../../../../../../sidecar/engine/llama/connection/llamaSequence.ts';
import type { ThreadConnection } from '../../../../../../sidecar/engine/llama/connection/threadConnection.ts';
import { requestWith, unhurried } from '../../../../../support/engine/generating.ts';
import { standInThread } from '../../../../../support/engine/standInThread.ts';

/** The slot of the first sequence of a connection, and of the next one once that is disposed. */
const firstSlot = 0;

const oneStep = `{ type: 'steps', runs: [{ callId, steps: { ids: [1], texts: ['a'], logprobs: [0], entropyNats: [0],
  varentropy: [0], margins: [1], alternatives: [[]], sources: ['model'],
  lineSteps: [], lineStates: new Float32Array() } }] }`;
const endsAfterOne = `{
  'sequence/generate': (callId) => [${oneStep}, { type: 'call/done', callId, result: { end: { type: 'maxTokens' }, drafts: [], droppedTokenCount: 0 } }],
}`;
const failsAfterOne = `{
  'sequence/generate': (callId) => [${oneStep}, { type: 'call/failed', callId,
    error: { code: 'engine.failed', message: 'It broke.', remedy: 'Mend it.' } }],
}`;

function open(connection: ThreadConnection): Promise<LlamaSequence> {
  return LlamaSequence.open(connection, 0, { priority: 'interactive' }, () => undefined);
}

describe('a generation whose consumer takes its time', () => {
  it('keeps a failure until the consumer asks for more', async () => {
    await using thread = await standInThread(failsAfterOne);
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    try {
      const run = (await open(thread.connection)).generate(requestWith(), unhurried);
      expect(await run.next()).toMatchObject({ value: [{ id: 1 }] });
      // Answered behind the failure, so that has arrived, and a turn later it would have been called unhandled.
      await thread.connection.call('text/detokenize', { modelId: 0, tokens: [] });
      await new Promise((resolve) => setImmediate(resolve));
      await expect(run.next()).rejects.toMatchObject({ code: 'engine.failed' });
      expect(unhandled).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unhandled);
    }
  });

  it('does not cancel the sequence that has its slot by then', async () => {
    await using thread = await standInThread(endsAfterOne);
    const { connection } = thread;
    const abort = new AbortController();
    const first = await open(connection);
    const run = first.generate(requestWith(), abort.signal);
    await run.next();
    await first.dispose();
    const second = await open(connection);
    abort.abort();
    expect(connection.control.isCancelled(firstSlot)).toBe(false);
    await run.return({ end: { type: 'cancelled' }, drafts: [], droppedTokenCount: 0 });
    expect(connection.control.isCancelled(firstSlot)).toBe(false);
    await second.dispose();
    expect(connection.control.isCancelled(firstSlot)).toBe(true);
  });
});

describe('a disposed sequence', () => {
  it('refuses every use, because its slot may be another’s', async () => {
    await using thread = await standInThread('{}');
    const sequence = await open(thread.connection);
    await sequence.dispose();
    await expect(sequence.append([1], unhurried)).rejects.toThrow('disposed');
    await expect(sequence.fork(1, unhurried)).rejects.toThrow('disposed');
    await expect(sequence.truncate(0)).rejects.toThrow('disposed');
    await expect(sequence.generate(requestWith(), unhurried).next()).rejects.toThrow('disposed');
  });
});
