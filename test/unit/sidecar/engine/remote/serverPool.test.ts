import { describe, expect, it } from 'vitest';
import { ScriptedVocabulary } from '../../../../../sidecar/engine/scripted/scriptedVocabulary.ts';
import { generated, promptedSequence, requestWith } from '../../../../support/engine/generating.ts';
import { openRemote } from '../../../../support/server/remoteModel.ts';
import { StubServer } from '../../../../support/server/stubServer.ts';

/** Goes on counting after what the prompt has counted already. */
const counting = (prompt: string) => {
  const done = (prompt.match(/ n\d/g) ?? []).length;
  return Array.from({ length: 6 - done }, (_, at) => ` n${done + at}`);
};
/** Both have the same model. */
const vocabulary = new ScriptedVocabulary(['<|im_start|>']);
const whole = ' n0 n1 n2 n3 n4 n5';

describe('two servers as one', () => {
  it.each([
    ['drops the connection', { type: 'close', after: 3 }, 3],
    ['leaves out a token', { type: 'skip', at: 2 }, 2],
    ['fails at once', { type: 'status', status: 500 }, 0],
    ['has too much to do', { type: 'status', status: 429 }, 0],
    ['answers after all but its last word', { type: 'end', after: 6 }, 6],
  ] as const)('write one text where the first %s, and count nothing twice', async (_, fault, afterTokens) => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const log: string[] = [];
    const model = await openRemote(first.address, { others: [second.address], log });
    const sequence = await promptedSequence(model, 'count');
    first.fail('/completion', fault);
    const result = await generated(sequence, requestWith({ maxTokens: 9 }));

    expect(result.text).toBe(whole);
    expect(result.ids).toHaveLength(6);
    expect(sequence.length).toBe(8);
    expect(result.serverTurns).toEqual([
      { server: `llama-server b1-stub at ${first.address}`, afterTokens: 0, why: null },
      {
        server: `llama-server b1-stub at ${second.address}`,
        afterTokens,
        why: expect.stringContaining(first.address) as string,
      },
    ]);
    expect(log).toEqual([expect.stringMatching(/It is left alone for 1 s\.$/)]);
    expect(model.info.backend).toContain(`${first.address} and llama-server b1-stub at ${second.address}`);
  });

  it('leave one alone that failed, and ask it again after a while', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    let nowMs = 0;
    const model = await openRemote(first.address, { others: [second.address], now: () => nowMs });
    const asked = (): readonly number[] =>
      [first, second].map((stub) => stub.bodiesTo('/completion').length - 1);
    first.fail('/completion', { type: 'status', status: 500 });
    const write = async (prompt: string): Promise<void> => {
      await generated(await promptedSequence(model, prompt), requestWith());
    };
    await write('one');
    expect(asked()).toEqual([1, 1]);
    await write('two');
    expect(asked()).toEqual([1, 2]);
    nowMs = 1001;
    await write('three');
    expect(asked()).toEqual([2, 2]);
  });

  it('are given the requests whose beginning they have read, and else the one with less to do', async () => {
    await using first = await StubServer.start({ script: () => 'x', vocabulary });
    await using second = await StubServer.start({ script: () => 'x', vocabulary });
    const model = await openRemote(first.address, { others: [second.address] });
    first.fail('/completion', { type: 'stall', after: 1 });
    const stop = new AbortController();
    const long = await promptedSequence(model, 'a b c d e f g h');
    const running = long.generate(requestWith(), stop.signal);
    await running.next();
    await generated(await promptedSequence(model, 'p q r s'), requestWith());
    stop.abort();
    await running.return({ end: { type: 'cancelled' }, droppedTokenCount: 0, drafts: [] });
    await generated(await promptedSequence(model, 'p q r t'), requestWith());
    await generated(await promptedSequence(model, 'a b c d e f g i'), requestWith());
    const prompts = (stub: StubServer): readonly string[] =>
      stub
        .bodiesTo('/completion')
        .slice(1)
        .map(({ prompt }) => stub.model.vocabulary.textOf(prompt as readonly number[]));

    expect(prompts(first)).toEqual(['a b c d e f g h', 'a b c d e f g i']);
    expect(prompts(second)).toHaveLength(2);
  });

  it('say at a cancellation too which of them wrote', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const model = await openRemote(first.address, { others: [second.address] });
    const sequence = await promptedSequence(model, 'count');
    const stop = new AbortController();
    const onBatch = () => {
      stop.abort();
    };
    const result = await generated(sequence, requestWith(), { signal: stop.signal, onBatch });

    expect(result.end.type).toBe('cancelled');
    expect(result.serverTurns).toMatchObject([{ server: expect.stringContaining(first.address) as string }]);
  });

  it('fail with the code of the last one and what each of them said', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const model = await openRemote(first.address, { others: [second.address] });
    const sequence = await promptedSequence(model, 'count');
    first.fail('/completion', { type: 'status', status: 500 });
    second.fail('/completion', { type: 'status', status: 503 });

    await expect(generated(sequence, requestWith())).rejects.toMatchObject({
      code: 'server.busy',
      message: expect.stringMatching(new RegExp(`${first.address}.*${second.address}`)) as string,
    });
  });

  it('are not mixed where they have different models', async () => {
    await using first = await StubServer.start({ modelName: 'a' });
    await using second = await StubServer.start({ modelName: 'b' });

    await expect(openRemote(first.address, { others: [second.address] })).rejects.toMatchObject({
      code: 'server.otherModel',
    });
  });
});
