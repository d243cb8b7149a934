import { describe, expect, test } from 'vitest';
import type {
  GenerateEnd,
  GenerateRequest,
  Model,
  Sequence,
  TokenStep,
} from '../../../../../sidecar/engine/engine.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { StepGate } from '../../../../../sidecar/engine/scripted/stepGate.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';

const never = new AbortController().signal;
const request: GenerateRequest = {
  sampler: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  seed: 1,
  maxTokens: 100,
  softLimit: null,
  stopTexts: [],
  alternatives: 1,
};

async function open(model: Model, prompt = 'a prompt'): Promise<Sequence> {
  const sequence = await model.openSequence({ priority: 'background' }, never);
  await sequence.append(await model.tokenize(prompt, { special: true }), never);
  return sequence;
}

async function generate(
  sequence: Sequence,
  changes: Partial<GenerateRequest> = {},
  signal = never,
): Promise<{ readonly text: string; readonly steps: readonly TokenStep[]; readonly end: GenerateEnd }> {
  const stream = sequence.generate({ ...request, ...changes }, signal);
  const steps: TokenStep[] = [];
  for (;;) {
    const next = await stream.next();
    if (next.done === true)
      return { text: steps.map((step) => step.text).join(''), steps, end: next.value.end };
    steps.push(...next.value);
  }
}

describe('a required start', () => {
  test.each([
    { part: 'return True', required: 're', expected: ['return', ' True'] },
    { part: ['r', 'eturn', ' True'], required: 're', expected: ['r', 'eturn', ' True'] },
    { part: 'x = 1', required: 're', expected: ['re', 'x', ' =', ' 1'] },
    { part: ['r', 'x'], required: 'ret', expected: ['r', 'et', 'x'] },
    { part: '', required: 'ret', expected: ['ret'] },
  ])('$required begins the text of $part', async ({ part, required, expected }) => {
    const sequence = await open(await scriptedModel(scriptBySequence([[part]])));
    const { steps, end } = await generate(sequence, { mustBeginWith: required });
    expect(steps.map((step) => step.text)).toEqual(expected);
    const length = required.length;
    let before = 0;
    for (const step of steps) {
      expect(step.source).toBe(before < length ? 'required' : 'model');
      before += step.text.length;
    }
    expect(end.type).toBe('endToken');
  });
});

describe('how a generation ends', () => {
  const text = 'One two. Three four.\nFive six';
  test.each([
    { rule: 'by itself', changes: {}, expected: text, type: 'endToken' },
    { rule: 'at its token limit', changes: { maxTokens: 3 }, expected: 'One two. Three', type: 'maxTokens' },
    { rule: 'at a limit of nothing', changes: { maxTokens: 0 }, expected: '', type: 'maxTokens' },
    {
      rule: 'behind a stop text',
      changes: { stopTexts: ['x', '\n'] },
      expected: 'One two. Three four.\n',
      type: 'stopText',
    },
    {
      rule: 'behind a stop text over two tokens',
      changes: { stopTexts: ['two. T'] },
      expected: 'One two. Three',
      type: 'stopText',
    },
    {
      rule: 'at a sentence end past the soft limit',
      changes: { softLimit: { tokens: 3, graceTokens: 9 } },
      expected: 'One two. Three four.',
      type: 'softLimit',
    },
    {
      rule: 'after the grace where no sentence ends',
      changes: { softLimit: { tokens: 2, graceTokens: 0 } },
      expected: 'One two.',
      type: 'softLimit',
    },
  ])('$rule', async ({ changes, expected, type }) => {
    const sequence = await open(await scriptedModel(scriptBySequence([[text]])));
    const before = sequence.length;
    const { text: written, steps, end } = await generate(sequence, changes);
    expect(written).toBe(expected);
    expect(end.type).toBe(type);
    // The token that ends a turn is in the sequence and not among the steps.
    expect(sequence.length).toBe(before + steps.length + (type === 'endToken' ? 1 : 0));
  });

  test('where the context is full', async () => {
    const sequence = await open(await scriptedModel(scriptBySequence([[text]]), { contextTokens: 5 }));
    expect(await generate(sequence)).toMatchObject({ end: { type: 'contextFull' }, text: 'One two. Three' });
  });

  test('within one step of a cancellation, with all decoded steps yielded', async () => {
    const gate = new StepGate();
    const sequence = await open(await scriptedModel(scriptBySequence([[text]]), { gate }));
    const cancellation = new AbortController();
    const run = generate(sequence, {}, cancellation.signal);
    gate.release(2);
    await gate.whenParked(1);
    cancellation.abort();
    expect(await run).toMatchObject({ end: { type: 'cancelled' }, text: 'One two.' });
    expect(gate.parkedCount).toBe(0);
  });
});

describe('sequences', () => {
  test('forks go their own ways over shared text, and truncation forgets', async () => {
    const seen: string[] = [];
    const model = await scriptedModel(({ sequence, text }) => {
      seen.push(text);
      return ` branch ${sequence}`;
    });
    const root = await open(model, 'prompt');
    await generate(root);
    const [fork] = await root.fork(1, never);
    if (fork === undefined) throw new Error('A fork was asked for.');
    await fork.truncate(1);
    expect((await generate(fork)).text).toBe(' branch 1');
    expect(seen).toEqual(['prompt', 'prompt']);
    expect(root.length).toBe(fork.length);
  });

  test('a first prompt that any sequence holds or held is reported as cached', async () => {
    const model = await scriptedModel(scriptBySequence([]));
    const tokens = await model.tokenize('one two three four', { special: false });
    const first = await model.openSequence({ priority: 'background' }, never);
    expect(await first.append(tokens, never)).toMatchObject({ tokenCount: 4, cachedTokenCount: 0 });
    await first.dispose();
    const second = await model.openSequence({ priority: 'background' }, never);
    expect(await second.append(tokens.slice(0, 2), never)).toMatchObject({ cachedTokenCount: 2 });
    const other = await model.tokenize(' three five', { special: false });
    expect(await second.append(other, never)).toMatchObject({ tokenCount: 2, cachedTokenCount: 0 });
  });

  test('a prompt beyond the context is refused before it is read', async () => {
    const model = await scriptedModel(scriptBySequence([]), { contextTokens: 3 });
    const sequence = await model.openSequence({ priority: 'background' }, never);
    const tokens = await model.tokenize('one two three four', { special: false });
    await expect(sequence.append(tokens, never)).rejects.toMatchObject({ code: 'context.exceeded' });
    expect(sequence.length).toBe(0);
  });

  test('opening waits for a free slot, or for its cancellation', async () => {
    const model = await scriptedModel(scriptBySequence([]), { maxSequences: 1 });
    const first = await open(model);
    const cancellation = new AbortController();
    const refused = model.openSequence({ priority: 'background' }, cancellation.signal);
    const waiting = model.openSequence({ priority: 'background' }, never);
    cancellation.abort();
    await expect(refused).rejects.toMatchObject({ code: 'cancelled' });
    await first.dispose();
    expect((await waiting).length).toBe(0);
  });

  test('the same situation gives the same tokens', async () => {
    const script = scriptBySequence([
      ['a b', 'c'],
      ['a b', 'c'],
    ]);
    const model = await scriptedModel(script);
    expect((await generate(await open(model))).steps).toEqual((await generate(await open(model))).steps);
  });
});

describe('tokens', () => {
  test('text comes back from its tokens, and control tokens only from the product itself', async () => {
    const model = await scriptedModel(scriptBySequence([]));
    const text = '<|im_start|>user\n\tprint( x )  \n🐈<|im_end|>';
    for (const special of [true, false]) {
      expect(await model.detokenize(await model.tokenize(text, { special }))).toBe(text);
    }
    const [end = -1] = model.info.endTokens;
    expect(await model.tokenize(text, { special: true })).toContain(end);
    expect(await model.tokenize(text, { special: false })).not.toContain(end);
  });

  test('infill tokens are those that the vocabulary parses', async () => {
    const { info, tokenize } = await scriptedModel(scriptBySequence([])).then((model) => ({
      info: model.info,
      tokenize: (text: string) => model.tokenize(text, { special: true }),
    }));
    expect(await tokenize('<|fim_middle|>')).toEqual([info.infill?.middle]);
  });
});
