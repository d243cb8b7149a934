import { describe, expect, it } from 'vitest';
import { toCodedError } from '../../../../../protocol/codedError.ts';
import type { ChatMessage, Model, Sequence } from '../../../../../sidecar/engine/engine.ts';
import { renderChatTokens } from '../../../../../sidecar/prompts/chatTokens.ts';
import {
  generated,
  promptedSequence,
  requestWith,
  unhurried,
} from '../../../../support/engine/generating.ts';
import { openRemote } from '../../../../support/server/remoteModel.ts';
import { type Fault, StubServer } from '../../../../support/server/stubServer.ts';

const script = () => 'one two three';
const question: readonly ChatMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'How many <|end|><|system|>?' },
];

async function asked(model: Model, messages = question): Promise<Sequence> {
  const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
  await sequence.append((await renderChatTokens(model, messages, unhurried)).tokens, unhurried);
  return sequence;
}

describe('a server for conversations', () => {
  it('is asked the conversation as it is, marks in a question included', async () => {
    await using stub = await StubServer.start({ kind: 'ollama', modelName: 'qwen3:8b', script });
    const model = await openRemote(stub.address);
    const result = await generated(await asked(model), requestWith({ alternatives: 5, seed: 9 }));

    expect(model.info).toMatchObject({
      identity: { name: 'qwen3:8b', hashKind: 'served' },
      backend: `Ollama at ${stub.address}`,
      capabilities: { tokens: 'text', continues: false, constraint: 'none', seed: true, thinking: null },
    });
    expect(result).toMatchObject({ text: 'one two three', end: { type: 'endToken' } });
    expect(stub.bodiesTo('/v1/chat/completions').at(-1)).toMatchObject({
      model: 'qwen3:8b',
      messages: question,
      max_tokens: 32,
      seed: 9,
      temperature: 0,
      stream: true,
    });
  });

  it('gives its own tokens with their probabilities', async () => {
    const top = [
      { text: 'one', logprob: Math.log(0.5) },
      { text: 'two', logprob: Math.log(0.5) },
    ];
    await using stub = await StubServer.start({
      kind: 'ollama',
      script: () => [{ text: 'one', logprob: top[0]?.logprob ?? 0, top }],
    });
    const [step] = (
      await generated(await asked(await openRemote(stub.address)), requestWith({ alternatives: 2 }))
    ).steps;

    expect(step?.entropyNats).toBeCloseTo(Math.log(2));
    expect(step?.entropyUpperNats).toBeCloseTo(Math.log(2));
    expect(step?.alternatives.map(({ text }) => text)).toEqual(['one', 'two']);
  });

  it('has an interval as wide as can be where it knows no probabilities', async () => {
    await using stub = await StubServer.start({ kind: 'ollama', script, hasProbabilities: false });
    const model = await openRemote(stub.address);
    const { steps } = await generated(await asked(model), requestWith({ alternatives: 5 }));

    expect(model.info.capabilities.alternatives).toBe(0);
    expect(steps.map(({ text }) => text)).toEqual(['one', ' two', ' three']);
    expect(steps[0]).toMatchObject({ entropyNats: 0, alternatives: [] });
    expect(steps[0]?.entropyUpperNats).toBeGreaterThan(10);
    expect(stub.bodiesTo('/v1/chat/completions').at(-1)).not.toHaveProperty('logprobs');
  });

  it('cannot go on with an answer that is begun', async () => {
    await using stub = await StubServer.start({ kind: 'ollama', script });
    const model = await openRemote(stub.address);
    const sequence = await asked(model);
    await sequence.append(await model.tokenize('Step 1:', { special: false }), unhurried);

    await expect(generated(sequence, requestWith())).rejects.toMatchObject({ code: 'server.unsupported' });
  });

  it('answers without a required beginning, and says so', async () => {
    await using stub = await StubServer.start({ kind: 'ollama', script });
    const result = await generated(
      await asked(await openRemote(stub.address)),
      requestWith({ mustBeginWith: 're' }),
    );

    expect(result).toMatchObject({ text: 'one two three', unwrittenStart: 're' });
  });

  it('has its thought between marks', async () => {
    await using stub = await StubServer.start({
      kind: 'ollama',
      script: () => ['‹let me see›', '‹ so›', 'one', ' two'],
    });
    const model = await openRemote(stub.address);
    const { text, steps } = await generated(await asked(model), requestWith());

    expect(model.info.capabilities.thinking).toMatchObject({ form: 'think', switch: null });
    expect(text).toBe('<think>\nlet me see so\n</think>\n\none two');
    expect(steps.map((step) => step.text).join('|')).toBe('<think>\nlet| me| see| so|\n</think>\n\none| two');
  });

  it('is noticed where another model answers', async () => {
    await using stub = await StubServer.start({ kind: 'ollama', modelName: 'qwen3:8b', script });
    const sequence = await asked(await openRemote(stub.address));
    stub.model.name = 'llama3:8b';

    await expect(generated(sequence, requestWith())).rejects.toMatchObject({ code: 'server.otherModel' });
  });

  it('is asked by a name that a gateway answers with another', async () => {
    await using stub = await StubServer.start({ kind: 'ollama', modelName: 'coder', script });
    stub.model.answeredName = 'coder-2026-11';
    const model = await openRemote(stub.address);

    expect(model.info.identity.name).toBe('coder (coder-2026-11)');
    expect((await generated(await asked(model), requestWith())).text).toBe('one two three');
    stub.model.answeredName = 'coder-2026-12';
    await expect(generated(await asked(model), requestWith())).rejects.toMatchObject({
      code: 'server.otherModel',
    });
  });

  it.each([
    ['keeps the connection open', { type: 'stall', after: 4 }],
    ['drops the connection', { type: 'close', after: 4 }],
    ['ends without its last word', { type: 'end', after: 4 }],
    ['sends something else', { type: 'event', at: 4, text: '{"error":{"message":"too late"}}' }],
  ] as const)('has answered with the reason of its end, though it then %s', async (_, fault) => {
    await using stub = await StubServer.start({ kind: 'ollama', script });
    const limits = { idleMs: 10_000 };
    const sequence = await asked(await openRemote(stub.address, { limits }));
    stub.fail('/v1/chat/completions', fault);

    const result = await generated(sequence, requestWith());
    expect(result).toMatchObject({ text: 'one two three', end: { type: 'endToken' } });
  });

  it('may take its time between words', async () => {
    await using stub = await StubServer.start({ kind: 'ollama', script });
    const sequence = await asked(
      await openRemote(stub.address, { limits: { firstByteMs: 300, idleMs: 300 } }),
    );
    stub.fail('/v1/chat/completions', { type: 'delay', eachMs: 100 });

    expect((await generated(sequence, requestWith())).text).toBe('one two three');
  });

  it('is not taken at its word where it ends without a reason', async () => {
    await using stub = await StubServer.start({ kind: 'ollama', script });
    const sequence = await asked(await openRemote(stub.address));
    stub.fail('/v1/chat/completions', { type: 'end', after: 2 });

    await expect(generated(sequence, requestWith())).rejects.toMatchObject({ code: 'server.closedEarly' });
  });
});

describe('vLLM', () => {
  it('goes on with an answer that is begun, and with plain text', async () => {
    await using stub = await StubServer.start({
      kind: 'vllm',
      modelName: 'team/coder',
      contextTokens: 8192,
      script,
    });
    const model = await openRemote(stub.address);
    const sequence = await asked(model);
    await sequence.append(await model.tokenize('Step 1:', { special: false }), unhurried);
    await generated(sequence, requestWith());
    const plain = await model.openSequence({ priority: 'interactive' }, unhurried);
    await plain.append(await model.tokenize('def f():\n  return', { special: false }), unhurried);
    const result = await generated(plain, requestWith({ alternatives: 3 }));

    expect(model.info).toMatchObject({
      contextTokens: 8192,
      capabilities: { continues: true, alternatives: 20 },
    });
    expect(stub.bodiesTo('/v1/chat/completions').at(-1)).toMatchObject({
      messages: [...question, { role: 'assistant', content: 'Step 1:' }],
      add_generation_prompt: false,
      continue_final_message: true,
    });
    expect(result.text).toBe('one two three');
    expect(result.steps[0]?.alternatives).toMatchObject([
      { text: 'one' },
      { text: 'other0' },
      { text: 'other1' },
    ]);
    expect(stub.bodiesTo('/v1/completions').at(-1)).toMatchObject({
      prompt: 'def f():\n  return',
      logprobs: 10,
    });
  });

  it.each(['/v1/chat/completions', '/v1/completions'])('counts its tokens, on %s', async (path) => {
    await using stub = await StubServer.start({ kind: 'vllm', script: () => 'a b a b' });
    const model = await openRemote(stub.address);
    const write = async (fault: Fault, maxTokens = 32) => {
      stub.fail(path, fault);
      const sequence = path === '/v1/completions' ? await promptedSequence(model, 'x') : await asked(model);
      return generated(sequence, requestWith({ maxTokens })).then(
        ({ text, steps }) => `${text}: ${steps.length}`,
        (thrown: unknown) => toCodedError(thrown).code,
      );
    };

    // The beginning of a conversation's answer may be the mark of a thought.
    const first = path === '/v1/completions' ? 'server.closedEarly' : ' b a b: 3';
    expect(await write({ type: 'skip', at: 0 })).toBe(first);
    expect(await write({ type: 'repeat', at: 0 })).toBe('a b a b: 4');
    for (const at of [1, 3]) {
      expect(await write({ type: 'repeat', at })).toBe('a b a b: 4');
      expect(await write({ type: 'skip', at })).toBe('server.closedEarly');
    }
    expect(await write({ type: 'skip', at: 3 }, 4)).toBe('server.closedEarly');
    expect(await write({ type: 'bytewise' }, 4)).toBe('a b a b: 4');
    expect(stub.bodiesTo(path).at(-1)).toMatchObject({
      stream_options: { include_usage: true, continuous_usage_stats: true },
    });
  });

  it('may keep the marks of a thought to itself', async () => {
    await using stub = await StubServer.start({
      kind: 'vllm',
      script: () => ['<think>', '‹let me›', '‹ see›', '</think>', 'one', ' two'],
    });
    const sequence = await asked(await openRemote(stub.address));
    const { text } = await generated(sequence, requestWith());
    stub.fail('/v1/chat/completions', { type: 'skip', at: 1 }, { type: 'skip', at: 3 });

    expect(text).toBe('<think>\nlet me see\n</think>\n\none two');
    // Between two parts a token may be one that the server keeps to itself.
    expect((await generated(sequence, requestWith())).text).toContain('let me\n</think>');
    await expect(generated(sequence, requestWith())).rejects.toMatchObject({ code: 'server.closedEarly' });
  });

  it('may think nothing, and keep the marks of that to itself', async () => {
    await using stub = await StubServer.start({
      kind: 'vllm',
      script: () => ['<think>', '</think>', 'one', ' two'],
    });
    const model = await openRemote(stub.address);

    expect(model.info.capabilities.thinking).toBeNull();
    expect((await generated(await asked(model), requestWith())).text).toBe('one two');
  });

  it('is not asked for counts again by a release that refuses them', async () => {
    await using stub = await StubServer.start({ kind: 'vllm', script });
    const model = await openRemote(stub.address);
    const texts: string[] = [];
    stub.fail('/v1/chat/completions', { type: 'status', status: 400 });
    while (texts.length < 2) texts.push((await generated(await asked(model), requestWith())).text);
    const bodies = stub.bodiesTo('/v1/chat/completions').filter(({ stream }) => stream === true);

    expect(texts).toEqual(['one two three', 'one two three']);
    expect(bodies.map((body) => 'stream_options' in body)).toEqual([true, false, false]);
  });

  it('has one opening of a thought that is half written', async () => {
    await using stub = await StubServer.start({ kind: 'vllm', script: () => ['‹ see›', 'one'] });
    const model = await openRemote(stub.address);
    const sequence = await asked(model);
    await sequence.append(await model.tokenize('<think>\nlet me', { special: false }), unhurried);

    expect((await generated(sequence, requestWith())).text).toBe(' see\n</think>\n\none');
  });

  it('chooses among texts', async () => {
    await using stub = await StubServer.start({ kind: 'vllm', script });
    const model = await openRemote(stub.address);
    await generated(await asked(model), requestWith({ choices: ['yes', 'no'] }));

    expect(model.info.capabilities.constraint).toBe('choice');
    expect(stub.bodiesTo('/v1/chat/completions').at(-1)).toMatchObject({
      guided_choice: ['yes', 'no'],
      structured_outputs: { choice: ['yes', 'no'] },
    });
  });

  it('is asked for fewer alternatives where it refuses many', async () => {
    await using stub = await StubServer.start({
      kind: 'vllm',
      script: () => [{ text: 'B', top: manyTokens }],
    });
    const refused = { type: 'status', status: 400, body: '{"message":"at most 5 logprobs"}' } as const;
    stub.fail('/v1/chat/completions', refused);
    const model = await openRemote(stub.address);

    expect(model.info.capabilities.alternatives).toBe(5);
  });
});

const manyTokens = Array.from({ length: 20 }, (_, at) => ({ text: `${at}`, logprob: -3 }));

it('a server that has no list of models is said to be none of models', async () => {
  await using stub = await StubServer.start({ kind: 'vllm', script: () => 'x' });
  stub.fail('/v1/models', { type: 'status', status: 404 });
  await expect(openRemote(stub.address)).rejects.toMatchObject({
    code: 'server.unsupported',
    message: expect.stringContaining('has no list of models (/v1/models)') as string,
    remedy: 'Check address and port.',
  });
});
