import { describe, expect, it, vi } from 'vitest';
import { ScriptedVocabulary } from '../../../../../sidecar/engine/scripted/scriptedVocabulary.ts';
import {
  generated,
  promptedSequence,
  requestWith,
  unhurried,
} from '../../../../support/engine/generating.ts';
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

  it('are asked each for its model when it writes, and one with another is left alone', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const model = await openRemote(first.address, { others: [second.address] });
    first.fail('/completion', { type: 'stall', after: 1 });
    const stop = new AbortController();
    const running = (await promptedSequence(model, 'long long text')).generate(requestWith(), stop.signal);
    await running.next();
    // The first one has more to do.
    second.model.name = '/models/other-7b.gguf';
    const result = await generated(await promptedSequence(model, 'count'), requestWith());
    stop.abort();
    await running.return({ end: { type: 'cancelled' }, droppedTokenCount: 0, drafts: [] });

    expect(result.text).toBe(whole);
    expect(result.serverTurns).toMatchObject([
      { server: expect.stringContaining(second.address) as string },
      {
        server: expect.stringContaining(first.address) as string,
        afterTokens: 0,
        why: expect.stringContaining('runs other-7b and not stub-1b') as string,
      },
    ]);
    first.model.name = '/models/other-7b.gguf';
    await expect(generated(await promptedSequence(model, 'count'), requestWith())).rejects.toMatchObject({
      code: 'server.otherModel',
    });
  });

  it('do not go on with what another model has written', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const model = await openRemote(first.address, { others: [second.address] });
    const sequence = await promptedSequence(model, 'count');
    const end = JSON.stringify({
      ...{ content: '', tokens: [], stop: true, stop_type: 'eos' },
      ...{ tokens_predicted: 2, model: '/models/other-7b.gguf' },
    });
    first.fail('/completion', { type: 'event', at: 2, text: end });

    await expect(generated(sequence, requestWith())).rejects.toMatchObject({ code: 'server.otherModel' });
  });

  it('have texts cut by one that still has the model', async () => {
    await using first = await StubServer.start({ script: counting });
    await using second = await StubServer.start({ script: counting, vocabulary });
    let nowMs = 0;
    const model = await openRemote(first.address, { others: [second.address], now: () => nowMs });
    first.model.name = '/models/other-7b.gguf';
    nowMs = 1001;
    const tokens = await model.tokenize('quite another text', { special: false });

    expect(tokens).toEqual(second.model.vocabulary.tokenize('quite another text', { special: false }));
    await expect(model.requireThere(unhurried)).resolves.toBeUndefined();
  });

  it('are there as soon as one of them says so', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const model = await openRemote(first.address, { others: [second.address] });
    first.fail('/props', { type: 'silent' });

    await expect(model.requireThere(AbortSignal.timeout(5000))).resolves.toBeUndefined();
    await model.dispose();
  });

  it('have another write where one says nothing any more', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const model = await openRemote(first.address, { others: [second.address], limits: { questionMs: 200 } });
    const sequence = await promptedSequence(model, 'count');
    const silent = { type: 'silent' } as const;
    first.fail('/props', silent, silent);
    first.fail('/completion', silent);

    const { text, serverTurns } = await generated(sequence, requestWith());
    expect(text).toBe(whole);
    expect(serverTurns?.at(-1)?.server).toContain(second.address);
  });

  it('forget the failures of one whose text was read as far as it was wanted', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    const log: string[] = [];
    let nowMs = 0;
    const model = await openRemote(first.address, { others: [second.address], now: () => nowMs, log });
    const failBoth = async (): Promise<void> => {
      for (const stub of [first, second]) stub.fail('/completion', { type: 'status', status: 500 });
      await expect(generated(await promptedSequence(model, 'count'), requestWith())).rejects.toThrow();
    };
    await failBoth();
    nowMs = 5000;
    // It ends here, by a stop text, while the server would go on.
    await generated(await promptedSequence(model, 'count'), requestWith({ stopTexts: ['n1'] }));
    nowMs = 10_000;
    await failBoth();
    const pauses = log.map((line) => /for (\d+) s\.$/.exec(line)?.[1]);
    // The other one has failed twice in a row.
    expect(pauses.slice(0, 2)).toEqual(['1', '1']);
    expect(pauses.slice(2).toSorted()).toEqual(['1', '2']);
  });

  it('can do what all of them can', async () => {
    const small = { kind: 'vllm', modelName: 'team/coder', script: () => 'x' } as const;
    await using first = await StubServer.start({ ...small, contextTokens: 8192 });
    await using second = await StubServer.start({ ...small, contextTokens: 2048, hasProbabilities: false });
    const { info } = await openRemote(first.address, { others: [second.address] });

    expect(info).toMatchObject({ contextTokens: 2048, capabilities: { continues: true, alternatives: 0 } });
  });

  it.each(['first', 'second'])(
    'are opened without the %s where that is away, which joins later',
    async (which) => {
      await using first = await StubServer.start({ script: counting, vocabulary });
      await using second = await StubServer.start({ script: counting, vocabulary });
      const [away, there] = which === 'first' ? [first, second] : [second, first];
      let nowMs = 0;
      const log: string[] = [];
      const down = { type: 'status', status: 503 } as const;
      away.fail('/props', down, down);
      const model = await openRemote(first.address, { others: [second.address], now: () => nowMs, log });
      const write = async (): Promise<string> =>
        (await generated(await promptedSequence(model, 'count'), requestWith())).text;

      expect(await write()).toBe(whole);
      expect(model.info.backend).toBe(`llama-server b1-stub at ${there.address}`);
      expect(log).toEqual([expect.stringMatching(/left alone for 1 s\.$/)]);
      nowMs = 1001;
      expect(await write()).toBe(whole);
      await vi.waitFor(() => {
        expect(log.at(-1)).toMatch(/left alone for 2 s\.$/);
      });
      nowMs = 3002;
      expect(await write()).toBe(whole);
      await vi.waitFor(() => {
        expect(log.at(-1)).toBe(`${away.address} is there and shares the requests from now on.`);
      });
      expect(model.info.backend).toContain(away.address);
      there.fail('/completion', { type: 'status', status: 500 });
      const written = away.bodiesTo('/completion').length;
      expect(await write()).toBe(whole);
      expect(away.bodiesTo('/completion').length).toBe(written + 1);
    },
  );

  it('are not joined by one that has another model or a smaller context', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary, contextTokens: 2048 });
    await using small = await StubServer.start({ script: counting, vocabulary, contextTokens: 1024 });
    await using other = await StubServer.start({ script: counting, vocabulary, modelName: 'b' });
    const log: string[] = [];
    for (const stub of [small, other]) stub.fail('/props', { type: 'status', status: 503 });
    let nowMs = 0;
    const others = [small.address, other.address];
    const model = await openRemote(first.address, { others, now: () => nowMs, log });
    await vi.waitFor(() => {
      expect(log).toHaveLength(2);
    });
    nowMs = 1001;
    await generated(await promptedSequence(model, 'count'), requestWith());
    await vi.waitFor(() => {
      expect(log).toHaveLength(4);
    });

    expect(log.join(' ')).toContain('can do less than the servers');
    expect(log.join(' ')).toContain('runs b and not stub-1b');
    expect(model.info).toMatchObject({
      contextTokens: 2048,
      backend: expect.not.stringContaining(' and ') as string,
    });
  });

  it('are opened without one that says nothing', async () => {
    await using first = await StubServer.start({ script: counting, vocabulary });
    await using second = await StubServer.start({ script: counting, vocabulary });
    first.fail('/props', { type: 'silent' });
    const left = first.nextLeft();
    const model = await openRemote(first.address, { others: [second.address] });

    expect((await generated(await promptedSequence(model, 'count'), requestWith())).text).toBe(whole);
    await model.dispose();
    await left;
  });

  it('cannot be opened where none is there, or one refuses the key', async () => {
    await using first = await StubServer.start();
    await using second = await StubServer.start();
    const others = [second.address];
    first.fail('/props', { type: 'status', status: 500 }, { type: 'status', status: 401 });
    second.fail('/props', { type: 'status', status: 503 });

    await expect(openRemote(first.address, { others })).rejects.toMatchObject({
      code: 'server.busy',
      message: expect.stringMatching(new RegExp(`${first.address}.*${second.address}`)) as string,
    });
    await expect(openRemote(first.address, { others })).rejects.toMatchObject({ code: 'server.refused' });
  });

  it('are not mixed where they have different models', async () => {
    await using first = await StubServer.start({ modelName: 'a' });
    await using second = await StubServer.start({ modelName: 'b' });

    await expect(openRemote(first.address, { others: [second.address] })).rejects.toMatchObject({
      code: 'server.otherModel',
    });
  });
});
