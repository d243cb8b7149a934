import { describe, expect, it } from 'vitest';
import type { TokenStep } from '../../../../../sidecar/engine/engine.ts';
import { renderChatTokens } from '../../../../../sidecar/prompts/chatTokens.ts';
import {
  generated,
  promptedSequence,
  requestWith,
  unhurried,
} from '../../../../support/engine/generating.ts';
import { askModel } from '../../../../support/engine/askedModel.ts';
import { scriptedRequest } from '../../../../support/engine/scriptedRequest.ts';
import { openRemote } from '../../../../support/server/remoteModel.ts';
import type { StubScript } from '../../../../support/server/stubModel.ts';
import { type Fault, StubServer } from '../../../../support/server/stubServer.ts';

const script = () => 'one two three four';
const textsOf = (steps: readonly TokenStep[]): readonly string[] => steps.map(({ text }) => text);

describe('a model of a llama-server', () => {
  it('is described by what the server says', async () => {
    await using stub = await StubServer.start({ script });
    const { info } = await openRemote(stub.address);

    expect(info).toMatchObject({
      identity: { name: 'stub-1b', hashKind: 'served' },
      contextTokens: 4096,
      hasChatTemplate: true,
      endTokens: [stub.model.endToken],
      backend: `llama-server b1-stub at ${stub.address}`,
      capabilities: {
        tokens: 'ids',
        continues: true,
        entropy: 'bounded',
        constraint: 'grammar',
      },
      local: null,
    });
  });

  it('continues token ids with what the server writes, then ends by itself', async () => {
    await using stub = await StubServer.start({ script });
    const model = await openRemote(stub.address);
    const sequence = await promptedSequence(model, '<|im_start|>user');
    const prompt = await model.tokenize('<|im_start|>user', { special: true });
    const result = await generated(sequence, requestWith());

    expect(result).toMatchObject({
      text: 'one two three four',
      end: { type: 'endToken', id: stub.model.endToken },
      drafts: [],
      droppedTokenCount: 0,
    });
    expect(result.ids).toEqual(await model.tokenize('one two three four', { special: true }));
    expect(sequence.length).toBe(prompt.length + 5);
    expect(stub.bodiesTo('/completion').at(-1)).toMatchObject({
      prompt,
      n_predict: 32,
      n_probs: 10,
      cache_prompt: true,
      post_sampling_probs: false,
      seed: 1,
      samplers: ['top_k'],
      top_k: 1,
    });
  });

  it('draws as it is asked to, from its seed', async () => {
    await using stub = await StubServer.start({ script: (_, seed) => `seed ${seed ?? 'none'}` });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    const sampler = { temperature: 0.7, topK: 40, topP: 0.9, minP: 0.05 };
    const first = await generated(sequence, requestWith({ sampler, seed: 7 }));
    await generated(sequence, requestWith({ sampler, seed: 0xffff_ffff }));

    expect(first.text).toBe('seed 7');
    const [, one, other] = stub.bodiesTo('/completion');
    expect(one).toMatchObject({ temperature: 0.7, top_k: 40, top_p: 0.9, min_p: 0.05, seed: 7 });
    // llama-server takes this one for none.
    expect(other).toMatchObject({ seed: 0 });
  });

  it('knows entropy between two bounds', async () => {
    const top = [
      { text: 'yes', logprob: Math.log(0.5) },
      { text: 'no', logprob: Math.log(0.25) },
    ];
    await using stub = await StubServer.start({
      script: () => [{ text: 'yes', logprob: Math.log(0.5), top }],
    });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    const [step] = (await generated(sequence, requestWith({ alternatives: 1 }))).steps;
    const known = 0.5 * Math.log(2) + 0.25 * Math.log(4);

    expect(step?.margin).toBeCloseTo(0.25);
    expect(step?.logprob).toBeCloseTo(Math.log(0.5));
    expect(step?.alternatives).toMatchObject([{ text: 'yes' }]);
    // A quarter is left over: at least one token as likely as the second, at most spread over 49,150 tokens.
    expect(step?.entropyNats).toBeCloseTo(known + 0.25 * Math.log(4));
    expect(step?.entropyUpperNats).toBeCloseTo(known - 0.25 * Math.log(0.25 / 49_150));
  });

  it('asks once for what comes again in each prompt, unless it has the date in it', async () => {
    await using stub = await StubServer.start({ script });
    const twice = async () => {
      const model = await openRemote(stub.address);
      const before = stub.requests.length;
      const messages = [{ role: 'user', content: 'a' }] as const;
      const prompts = [
        await model.renderChat(messages, {}, unhurried),
        await model.renderChat(messages, {}, unhurried),
      ];
      const ids = [
        await model.tokenize('<|im_end|>', { special: true }),
        await model.tokenize('<|im_end|>', { special: true }),
        await model.tokenize('<|im_end|>', { special: false }),
      ];
      expect(prompts[1]).toBe(prompts[0]);
      expect(ids[1]).toEqual(ids[0]);
      expect(ids[2]).not.toEqual(ids[0]);
      return stub.requests.slice(before).map(({ path }) => path);
    };

    expect(await twice()).toEqual(['/apply-template', '/tokenize', '/tokenize']);
    stub.model.chatTemplate = '{{ strftime_now("%d %b") }}';
    expect(await twice()).toEqual(['/apply-template', '/apply-template', '/tokenize', '/tokenize']);
  });

  it('forks by sending the text again', async () => {
    await using stub = await StubServer.start({ script: (prompt) => (prompt.endsWith('left') ? 'L' : 'R') });
    const model = await openRemote(stub.address);
    const sequence = await promptedSequence(model, 'begin');
    const [left, right] = await sequence.fork(2, unhurried);
    await left?.append(await model.tokenize(' left', { special: false }), unhurried);

    expect(left && (await generated(left, requestWith())).text).toBe('L');
    expect(right && (await generated(right, requestWith())).text).toBe('R');
    expect(sequence.length).toBe(1);
  });

  it('stops at a text of the request, and has the server stop', async () => {
    await using stub = await StubServer.start({ script });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    stub.fail('/completion', { type: 'stall', after: 2 });
    const left = stub.nextLeft();
    const result = await generated(sequence, requestWith({ stopTexts: ['wo'] }));
    await left;

    expect(result).toMatchObject({ text: 'one two', end: { type: 'stopText', text: 'wo' } });
    expect(sequence.length).toBe(3);
  });

  it('stops after a sentence once the soft limit is reached', async () => {
    await using stub = await StubServer.start({ script: () => 'One. Two. Three. Four' });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    const softLimit = { tokens: 2, graceTokens: 5 };

    expect(await generated(sequence, requestWith({ softLimit }))).toMatchObject({
      text: 'One. Two.',
      end: { type: 'softLimit' },
    });
  });

  it('stops at its limit of tokens, with the connection kept', async () => {
    await using stub = await StubServer.start({ script });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    const result = await generated(sequence, requestWith({ maxTokens: 2 }));

    expect(result).toMatchObject({ text: 'one two', end: { type: 'maxTokens' } });
    expect(stub.leftCount).toBe(0);
  });

  it('ends as cancelled with its signal, and has the server stop', async () => {
    await using stub = await StubServer.start({ script });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    stub.fail('/completion', { type: 'stall', after: 1 });
    const stop = new AbortController();
    const left = stub.nextLeft();
    const onBatch = () => {
      stop.abort();
    };
    const result = await generated(sequence, requestWith(), { signal: stop.signal, onBatch });
    await left;

    expect(result).toMatchObject({ text: 'one', end: { type: 'cancelled' } });
    expect((await generated(sequence, requestWith())).text).toBe('one two three four');
  });

  it('keeps to a grammar, and to a required beginning by one', async () => {
    await using stub = await StubServer.start({ script: () => 'return 1' });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    await generated(sequence, requestWith({ grammar: 'root ::= "x"' }));
    const begun = await generated(sequence, requestWith({ mustBeginWith: 're"t\n' }));
    await generated(sequence, requestWith({ choices: ['yes', 'no'] }));

    const [, asked, required, chosen] = stub.bodiesTo('/completion');
    expect(asked).toMatchObject({ grammar: 'root ::= "x"' });
    expect(required).toMatchObject({ grammar: 'root ::= "re\\"t\\x0a" rest\nrest ::= [^\\x00]*' });
    expect(chosen).toMatchObject({ grammar: 'root ::= "yes" | "no"' });
    expect(begun.steps[0]?.source).toBe('required');
    expect(begun).not.toHaveProperty('unwrittenStart');
  });

  it('says so where a grammar cannot be used', async () => {
    await using stub = await StubServer.start({ script });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');

    await expect(generated(sequence, requestWith({ grammar: 'broken' }))).rejects.toMatchObject({
      code: 'grammar.invalid',
    });
  });

  it('does not reuse what was read where the same text is wanted again', async () => {
    await using stub = await StubServer.start({ script });
    const model = await openRemote(stub.address);
    const sequence = await model.openSequence({ priority: 'background', isReproducible: true }, unhurried);
    await sequence.append([1], unhurried);
    await generated(sequence, requestWith());

    expect(stub.bodiesTo('/completion').at(-1)).toMatchObject({ cache_prompt: false });
  });

  it('refuses a prompt that does not fit before anything is sent', async () => {
    await using stub = await StubServer.start({ script, contextTokens: 8 });
    const model = await openRemote(stub.address);
    const asked = stub.requests.length;
    const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);

    await expect(sequence.append([1, 2, 3, 4, 5, 6, 7, 8], unhurried)).rejects.toMatchObject({
      code: 'context.exceeded',
    });
    expect(stub.requests.slice(asked).filter(({ path }) => path === '/completion')).toEqual([]);
  });

  it('counts the tokens of a character that the server keeps to itself', async () => {
    await using stub = await StubServer.start({ script: () => ['so', { text: '🙂', heldBack: 2 }, ' é'] });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    const { steps } = await generated(sequence, requestWith());

    expect(textsOf(steps)).toEqual(['so', '', '', '🙂', ' é']);
    expect(steps[1]?.alternatives).toEqual([]);
  });
});

describe('tokens of a text', () => {
  const thought = 'One cat has two eyes.';
  const request = { ...scriptedRequest, strategy: 'chainOfThought' } as const;

  it('are waited for as long as what computes nothing, and no longer than the caller does', async () => {
    await using stub = await StubServer.start({ script });
    const model = await openRemote(stub.address, { limits: { questionMs: 100 } });
    const patient = await openRemote(stub.address);
    const silent = { type: 'silent' } as const;
    for (const path of ['/tokenize', '/detokenize', '/apply-template']) stub.fail(path, silent, silent);
    const messages = [{ role: 'user', content: 'a' }] as const;
    const slow = [
      model.tokenize('a', { special: false }),
      model.detokenize([1]),
      model.renderChat(messages, {}, unhurried),
    ];
    for (const each of slow) await expect(each).rejects.toMatchObject({ code: 'server.slow' });

    const signal = AbortSignal.timeout(50);
    const stopped = [
      patient.tokenize('a', { special: false }, signal),
      patient.detokenize([1], signal),
      patient.renderChat(messages, {}, signal),
    ];
    for (const each of stopped) await expect(each).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('may have to wait for a router to start the model', async () => {
    await using stub = await StubServer.start({ kind: 'llamaRouter', modelName: 'team/coder', script });
    const model = await openRemote(stub.address, { modelName: 'team/coder', limits: { questionMs: 100 } });
    stub.fail('/tokenize', { type: 'delay', eachMs: 300 });

    await expect(model.tokenize('a', { special: false })).resolves.toHaveLength(1);
  });

  it('of a prompt and of a cue are not waited for by a request that is cancelled', async () => {
    const stop = new AbortController();
    await using stub = await StubServer.start({
      script: (prompt) => {
        // Not for what it is asked when it is opened.
        if (!prompt.includes('assistant')) return '';
        stub.fail('/tokenize', { type: 'silent' });
        setTimeout(() => {
          stop.abort();
        }, 50);
        return thought;
      },
    });
    const model = await openRemote(stub.address);
    const { state } = await askModel(model, request, { signal: stop.signal });
    const messages = [{ role: 'user', content: 'a' }] as const;
    stub.fail('/tokenize', { type: 'silent' });

    expect(state.status).toMatchObject({ type: 'finished', reason: 'cancelled' });
    await expect(renderChatTokens(model, messages, AbortSignal.timeout(50))).rejects.toMatchObject({
      code: 'cancelled',
    });
  }, 10_000);

  it('are all kept where the server does not say what ended the text', async () => {
    await using stub = await StubServer.start({
      script: (prompt) => (prompt.includes(thought) ? ' 2' : thought),
    });
    stub.model.namesEnd = false;
    const model = await openRemote(stub.address);
    stub.fail('/completion', { type: 'skip', at: 5 });
    await askModel(model, request);
    const prompts = stub
      .bodiesTo('/completion')
      .map(({ prompt }) => (Array.isArray(prompt) ? stub.model.vocabulary.textOf(prompt as number[]) : ''));

    expect(prompts.at(-1)).toContain(thought);
  });
});

describe('a llama-server in router mode', () => {
  it('has the model loaded that is asked for, and names it in each request', async () => {
    await using stub = await StubServer.start({ kind: 'llamaRouter', modelName: 'team/coder', script });
    const model = await openRemote(stub.address, { modelName: 'team/coder' });
    const messages = [{ role: 'user', content: 'a' }] as const;
    const text = await model.renderChat(messages, {}, unhurried);
    const sequence = await promptedSequence(model, text);

    expect(model.info).toMatchObject({
      identity: { name: 'team/coder' },
      capabilities: { tokens: 'ids', continues: true, constraint: 'grammar' },
    });
    expect((await generated(sequence, requestWith())).text).toBe('one two three four');
    expect(await model.detokenize([stub.model.endToken])).toBe('<|im_end|>');
    for (const { path, body } of stub.requests.filter((request) => Object.keys(request.body).length > 0))
      expect([path, body.model]).toEqual([path, 'team/coder']);
  });

  it('is asked for a model by name where it has several, as any other server', async () => {
    await using stub = await StubServer.start({ kind: 'llamaRouter', modelName: 'team/coder' });
    await expect(openRemote(stub.address, { modelName: 'other' })).rejects.toMatchObject({
      code: 'model.missing',
    });
  });
});

describe('a llama-server that does wrong', () => {
  async function broken(
    fault: Fault,
    writes: StubScript = script,
  ): Promise<{ readonly text: string; readonly failure: unknown }> {
    await using stub = await StubServer.start({ script: writes });
    const sequence = await promptedSequence(await openRemote(stub.address), 'a');
    stub.fail('/completion', fault);
    let text = '';
    const onBatch = (steps: readonly TokenStep[]) => {
      text += textsOf(steps).join('');
    };
    const failure: unknown = await generated(sequence, requestWith(), { onBatch }).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    return { text, failure };
  }

  it('counts nothing twice that is sent twice', async () => {
    expect(await broken({ type: 'repeat', at: 1 })).toEqual({ text: 'one two three four', failure: null });
  });

  it.each([
    ['leaves out a token', { type: 'skip', at: 1 }, 'server.closedEarly', 'one'],
    ['leaves out the last token', { type: 'skip', at: 3 }, 'server.closedEarly', 'one two three'],
    [
      'leaves out the last token and its end',
      { type: 'skip', at: 3, count: 2 },
      'server.closedEarly',
      'one two three',
    ],
    ['ends without a last word', { type: 'end', after: 2 }, 'server.closedEarly', 'one two'],
    ['drops the connection', { type: 'close', after: 2 }, 'server.closedEarly', 'one two'],
    [
      'fails in the middle',
      { type: 'event', at: 1, text: '{"error":{"message":"slot lost","code":500}}' },
      'server.failed',
      'one',
    ],
    [
      'sends an event of another form',
      { type: 'event', at: 1, text: '{"content":"x"}' },
      'server.unreadable',
      'one',
    ],
  ] satisfies readonly (readonly [string, Fault, string, string])[])(
    'and %s',
    async (_, fault, code, text) => {
      expect(await broken(fault)).toMatchObject({ text, failure: { code } });
    },
  );

  it.each([
    ['one token before one of several bytes', { type: 'skip', at: 1 }, [' é']],
    ['many tokens before one of several bytes', { type: 'skip', at: 1, count: 9 }, [' é']],
    ['a token before a character of several tokens', { type: 'skip', at: 1 }, [{ text: '🙂', heldBack: 3 }]],
  ] satisfies readonly (readonly [string, Fault, ReturnType<StubScript>])[])(
    'and leaves out %s',
    async (_, fault, after) => {
      const count = 'count' in fault ? fault.count : 1;
      const lost = Array.from({ length: count }, (__, at) => ` lost${at}`);
      expect(await broken(fault, () => ['so', ...lost, ...after])).toMatchObject({
        text: 'so',
        failure: { code: 'server.closedEarly' },
      });
    },
  );

  it('is noticed where its model is another between two requests', async () => {
    await using stub = await StubServer.start({ script });
    const model = await openRemote(stub.address);
    const sequence = await promptedSequence(model, 'a');
    stub.model.name = '/models/other-7b.gguf';

    const opened = await promptedSequence(model, 'a');
    const texts: string[] = [];
    const onBatch = (steps: readonly TokenStep[]) => texts.push(...textsOf(steps));
    await expect(generated(opened, requestWith(), { onBatch })).rejects.toMatchObject({
      code: 'server.otherModel',
      message: expect.stringContaining('runs other-7b and not stub-1b') as string,
    });
    expect(texts).toEqual([]);
    // Opened before the change: the end of its answer says so.
    await expect(generated(sequence, requestWith())).rejects.toMatchObject({ code: 'server.otherModel' });
  });

  it('fails the sequences that it has lost and serves those after it is back', async () => {
    await using stub = await StubServer.start({ script });
    const model = await openRemote(stub.address);
    stub.fail('/props', { type: 'status', status: 503, body: '{"error":{"message":"Loading model"}}' });

    const lost = await promptedSequence(model, 'a');
    await expect(generated(lost, requestWith())).rejects.toMatchObject({ code: 'server.busy' });
    expect((await generated(await promptedSequence(model, 'a'), requestWith())).text).toBe(
      'one two three four',
    );
  });

  it('lets no more sequences be opened than are allowed, whatever failed before', async () => {
    await using stub = await StubServer.start({ script });
    const model = await openRemote(stub.address, { maxSequences: 1 });
    stub.fail('/props', { type: 'html' });
    const failing = await promptedSequence(model, 'a');
    await expect(generated(failing, requestWith())).rejects.toMatchObject({ code: 'server.unreadable' });
    await failing.dispose();
    const first = await model.openSequence({ priority: 'interactive' }, unhurried);
    const second = model.openSequence({ priority: 'interactive' }, unhurried);
    await first.dispose();

    await expect(second).resolves.toMatchObject({ length: 0 });
  });
});

it('whether a server is there is asked once where a request follows at once, and again later', async () => {
  await using stub = await StubServer.start({ script: () => 'x' });
  let nowMs = 0;
  const model = await openRemote(stub.address, { now: () => nowMs });
  const asked = (): number => stub.bodiesTo('/props').length;
  const write = async () => generated(await promptedSequence(model, 'a'), requestWith({ maxTokens: 1 }));
  const before = asked();
  await model.requireThere(unhurried);
  await write();
  expect(asked() - before).toBe(1);
  nowMs = 1001;
  await write();
  expect(asked() - before).toBe(2);
});
