import { describe, expect, it } from 'vitest';
import { slotCount } from '../../../../../../sidecar/engine/llama/connection/controlBlock.ts';
import { standInThread } from '../../../../../support/engine/standInThread.ts';

describe('ThreadConnection', () => {
  it('fails what waits and what comes later once the thread has died', async () => {
    await using thread = await standInThread(`{ 'text/tokenize': () => { throw new Error('broken'); } }`);
    const { connection, failures } = thread;
    const params = { modelId: 0, text: 'x', special: false };
    await expect(connection.call('text/tokenize', params)).rejects.toMatchObject({ code: 'engine.failed' });
    await expect(connection.call('text/detokenize', { modelId: 0, tokens: [] })).rejects.toMatchObject({
      code: 'engine.failed',
    });
    expect(failures.map(({ code }) => code)).toEqual(['engine.failed']);
  });

  it('does not take its own closing for a failure', async () => {
    const thread = await standInThread('{}');
    await thread[Symbol.asyncDispose]();
    expect(thread.failures).toEqual([]);
    await expect(thread.connection.call('thread/dispose', null)).rejects.toMatchObject({
      code: 'engine.failed',
    });
  });

  it('gives several slots or none', async () => {
    await using thread = await standInThread('{}');
    const { connection } = thread;
    connection.takeSlot();
    expect(() => connection.takeSlots(slotCount)).toThrow(
      expect.objectContaining({ code: 'parameter.invalid' }),
    );
    expect(new Set(connection.takeSlots(slotCount - 1)).size).toBe(slotCount - 1);
  });

  it('waits for a thread to halt, and says when it does not', async () => {
    // The word of the control block by which the engine thread confirms it.
    const confirms = `{ 'thread/halt': () => {
      const halted = new Int32Array(require('node:worker_threads').workerData.control, 32, 1);
      Atomics.store(halted, 0, 1);
      Atomics.notify(halted, 0);
      return [];
    } }`;
    await using obedient = await standInThread(confirms);
    expect(obedient.connection.halt(10_000)).toBe(true);
    await using deaf = await standInThread(`{ 'thread/halt': () => [] }`);
    expect(deaf.connection.halt(20)).toBe(false);
  });
});
