import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Model, TokenId } from '../../sidecar/engine/engine.ts';
import { DecodeBatch } from '../../sidecar/engine/llama/native/decodeBatch.ts';
import { readLogits } from '../../sidecar/engine/llama/native/nativeMemory.ts';
import { openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { referenceLeading, referenceShape } from '../../sidecar/numeric/referenceStatistics.ts';
import {
  chatPrompt,
  generated,
  promptedSequence,
  requestWith,
  unhurried,
} from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';

const maxTokens = 16;
const question = 'Tom has 3 boxes with 12 pens each and gives 7 pens away. How many are left?';

let engine: Engine;
beforeAll(() => {
  engine = createRealEngine();
});
afterAll(async () => {
  await engine.dispose();
});

describe.each(['smollm2-135m', 'qwen2.5-coder-0.5b'] as const)('%s', (name) => {
  let model: Model;
  let prompt: string;
  beforeAll(async () => {
    model = await loadForTest(engine, await installedModelPath(name));
    prompt = await chatPrompt(model, question);
  });
  afterAll(async () => {
    await model.dispose();
  });

  it('gives the same greedy text every time, whole words that its tokens spell', async () => {
    const first = await promptedSequence(model, prompt);
    const second = await promptedSequence(model, prompt);
    const one = await generated(first, requestWith({ maxTokens }));
    const other = await generated(second, requestWith({ maxTokens }));
    expect(other.ids).toEqual(one.ids);
    expect(one.end).toEqual({ type: 'maxTokens' });
    expect(one.text).toBe(await model.detokenize(one.ids));
    expect(first.length).toBe((await model.tokenize(prompt, { special: true })).length + maxTokens);
    await Promise.all([first.dispose(), second.dispose()]);
  });

  it('draws the same text from the same seed and another from another', async () => {
    const sampler = { temperature: 0.9, topK: 40, topP: 0.95, minP: 0.02 };
    const texts: string[] = [];
    for (const seed of [11, 11, 12]) {
      const sequence = await promptedSequence(model, prompt);
      texts.push((await generated(sequence, requestWith({ sampler, seed, maxTokens }))).text);
      await sequence.dispose();
    }
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).not.toBe(texts[0]);
  });

  it('agrees with decoding alone when four decode as one batch, up to a toss-up', async () => {
    const root = await promptedSequence(model, prompt);
    const forks = await root.fork(4, unhurried);
    const alone = await generated(root, requestWith({ maxTokens }));
    const together = await Promise.all(forks.map((fork) => generated(fork, requestWith({ maxTokens }))));
    for (const { ids } of together) {
      const differs = ids.findIndex((id, i) => id !== alone.ids[i]);
      // Another batch size adds up in another order; only two nearly equal tokens can change places by that.
      if (differs >= 0) expect(alone.steps[differs]?.margin).toBeLessThan(0.05);
    }
    await Promise.all([...forks, root].map((sequence) => sequence.dispose()));
  });

  it('reports what a double-precision reference computes from the raw logits', async () => {
    const sequence = await promptedSequence(model, prompt);
    const { steps } = await generated(sequence, requestWith({ maxTokens: 6, alternatives: 20 }));
    await sequence.dispose();
    const ids = steps.map(({ id }) => id);
    const rows = rawLogits(model, await model.tokenize(prompt, { special: true }), ids);
    for (const [i, step] of steps.entries()) {
      const row = rows[i] ?? new Float32Array();
      const shape = referenceShape(row);
      expect(step.entropyNats).toBeCloseTo(shape.entropyNats, 2);
      expect(step.varentropy).toBeCloseTo(shape.varentropy, 1);
      expect(step.logprob).toBeCloseTo((row[step.id] ?? NaN) - shape.logNormalizer, 2);
      const [first = 0, second = 0] = referenceLeading(row, 2).map((id) =>
        Math.exp((row[id] ?? NaN) - shape.logNormalizer),
      );
      expect(step.margin).toBeCloseTo(first - second, 2);
      expect(step.alternatives).toHaveLength(20);
      expect(step.alternatives[0]?.id).toBe(step.id);
      expect(step.alternatives.map(({ logprob }) => logprob)).toEqual(
        step.alternatives.map(({ logprob }) => logprob).sort((a, b) => b - a),
      );
    }
  });

  it('stops behind a stop text, at a sentence end past the soft limit, and at the end token', async () => {
    const sequence = await promptedSequence(model, prompt);
    const [root] = await sequence.fork(1, unhurried);
    const full = await generated(sequence, requestWith({ maxTokens: 24 }));
    const word = full.steps[10]?.text.trim() ?? '';
    const stopped = await generated(root ?? sequence, requestWith({ maxTokens: 24, stopTexts: [word] }));
    expect(stopped.end).toEqual({ type: 'stopText', text: word });
    expect(stopped.text.endsWith(word) || stopped.steps.at(-1)?.text.includes(word)).toBe(true);
    const soft = await generated(
      sequence,
      requestWith({ maxTokens: 90, softLimit: { tokens: 5, graceTokens: 60 } }),
    );
    expect(['softLimit', 'endToken']).toContain(soft.end.type);
    const short = await promptedSequence(model, await chatPrompt(model, 'Reply with the single word: yes'));
    const answer = await generated(short, requestWith({ maxTokens: 400 }));
    expect(answer.end.type).toBe('endToken');
    if (answer.end.type === 'endToken') expect(model.info.endTokens).toContain(answer.end.id);
    for (const one of [sequence, root, short]) await one?.dispose();
  });

  it('goes on from a cut as it did before', async () => {
    const sequence = await promptedSequence(model, prompt);
    const length = sequence.length;
    const first = await generated(sequence, requestWith({ maxTokens: 12 }));
    await sequence.truncate(length);
    expect(sequence.length).toBe(length);
    expect((await generated(sequence, requestWith({ maxTokens: 12 }))).ids).toEqual(first.ids);
    await sequence.dispose();
  });

  it('spells every text back from its tokens', async () => {
    for (const text of ['', 'plain', 'tab\tand\r\nCRLF', 'emoji 🦙👩‍👩‍👧 é 漢字', '  two  spaces\n\n']) {
      expect(await model.detokenize(await model.tokenize(text, { special: false }))).toBe(text);
    }
  });
});

describe('infill vocabulary', () => {
  it('is there for the coder model and not for the small one', async () => {
    const coder = await loadForTest(engine, await installedModelPath('qwen2.5-coder-0.5b'));
    const small = await loadForTest(engine, await installedModelPath('smollm2-135m'));
    const { infill } = coder.info;
    expect(infill).not.toBeNull();
    const spelled = await coder.tokenize('<|fim_prefix|><|fim_suffix|><|fim_middle|>', { special: true });
    expect(spelled).toEqual([infill?.prefix, infill?.suffix, infill?.middle]);
    expect(await coder.tokenize('<|fim_prefix|>', { special: false })).not.toEqual([infill?.prefix]);
    expect(small.info.infill).toBeNull();
    await Promise.all([coder.dispose(), small.dispose()]);
  });
});

/** Rows of logits behind the prompt and each id but the last, decoded one by one without the engine. */
function rawLogits(
  model: Model,
  prompt: readonly TokenId[],
  ids: readonly TokenId[],
): readonly Float32Array[] {
  const { library, cLibrary } = openNativeRuntime(join(import.meta.dirname, '../../dist'));
  const native = library.loadModel(requireLocal(model.info).path, library.modelDefaultParams());
  const context = library.initContext(native, {
    ...library.contextDefaultParams(),
    n_ctx: 512,
    n_threads: 2,
    n_threads_batch: 2,
    kv_unified: true,
  });
  const batch = new DecodeBatch(512);
  const rows: Float32Array[] = [];
  const decode = (tokens: readonly TokenId[], position: number): void => {
    batch.clear();
    for (const [i, token] of tokens.entries()) batch.add(token, position + i, 0, i === tokens.length - 1);
    expect(batch.decode(library, context)).toBe('done');
  };
  decode(prompt.slice(0, -1), 0);
  for (const [i, token] of [prompt.at(-1) ?? 0, ...ids.slice(0, -1)].entries()) {
    decode([token], prompt.length - 1 + i);
    const row = new Float32Array(new ArrayBuffer(requireLocal(model.info).vocabularySize * 4));
    expect(readLogits({ library, cLibrary, context }, 0, row)).toBe(true);
    rows.push(row);
  }
  library.freeContext(context);
  library.freeModel(native);
  return rows;
}
