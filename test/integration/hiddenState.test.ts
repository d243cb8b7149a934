import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../sidecar/engine/engine.ts';
import { encodeGgufHeader } from '../../lab/prune/encodeGgufHeader.ts';
import { readGgufHeader } from '../../sidecar/gguf/readGgufHeader.ts';
import { loadEstimator } from '../../sidecar/reasoning/difficulty/loadEstimator.ts';
import { probeMetadataKeys, probePath } from '../../sidecar/reasoning/difficulty/probe.ts';
import { generated, promptedSequence, requestWith, unhurried } from '../support/engine/generating.ts';
import { loadForTest, openModel } from '../support/engine/realEngine.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { probeFile } from '../support/modelFiles/onnxFile.ts';
import { uint32Value } from '../support/modelFiles/tinyModel.ts';

const question = 'What is 17 times 23?';

const { engine, model } = await openModel('smollm2-135m', { contextTokens: 512 });

/** The state behind a prompt, read in a sequence of its own. */
async function stateBehind(text: string): Promise<Float32Array> {
  const sequence = await promptedSequence(model, text);
  const state = await sequence.lastHiddenState(unhurried);
  await sequence.dispose();
  if (state === null) throw new Error('The engine gives no hidden state.');
  return state;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array): number =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('the last hidden state', () => {
  it('is a row of the hidden size, the same when asked again and of its prompt alone', async () => {
    const sequence = await promptedSequence(model, question);
    const state = await sequence.lastHiddenState(unhurried);
    expect(state).toHaveLength(requireLocal(model.info).hiddenSize);
    expect(state?.every(Number.isFinite)).toBe(true);
    expect(new Set(state).size).toBeGreaterThan(requireLocal(model.info).hiddenSize / 2);
    expect(await sequence.lastHiddenState(unhurried)).toEqual(state);
    // Another sequence lies in other cells and finds its prompt in the cache: last digits may differ.
    expect(cosine(await stateBehind(question), state ?? new Float32Array())).toBeGreaterThan(0.9999);
    // The same last token behind another text.
    expect(cosine(await stateBehind('Is it raining in Rome?'), state ?? new Float32Array())).toBeLessThan(
      0.99,
    );
    await sequence.dispose();
  });

  it('leaves the sequence, and those beside it, as they were', async () => {
    const asked = await promptedSequence(model, question);
    const unasked = await promptedSequence(model, question);
    const beside = generated(await promptedSequence(model, 'One, two, three,'), requestWith());
    const { length } = asked;
    await asked.lastHiddenState(unhurried);
    expect(asked.length).toBe(length);
    const [first, second] = [
      await generated(asked, requestWith({ maxTokens: 16 })),
      await generated(unasked, requestWith({ maxTokens: 16 })),
    ];
    const differs = first.ids.findIndex((id, i) => id !== second.ids[i]);
    if (differs >= 0) expect(second.steps[differs]?.margin).toBeLessThan(0.05);
    expect((await beside).end).toEqual({ type: 'maxTokens' });
    // Behind generated tokens too, and not once it is cancelled.
    expect(await asked.lastHiddenState(unhurried)).toHaveLength(requireLocal(model.info).hiddenSize);
    await expect(asked.lastHiddenState(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    await Promise.all([asked.dispose(), unasked.dispose()]);
  });

  /** The same model, whose file says that a row of its output has so many values. */
  async function withOutputSize(size: number, folder: string): Promise<Model> {
    const header = await readGgufHeader(requireLocal(model.info).path);
    const metadata = new Map([
      ...header.metadata,
      ['llama.embedding_length_out', uint32Value(size)] as const,
    ]);
    const bytes = await readFile(requireLocal(model.info).path);
    const head = encodeGgufHeader({ ...header, version: 3, metadata });
    const file = path.join(folder, `${size}.gguf`);
    await writeFile(file, Buffer.concat([head, bytes.subarray(header.dataOffset)]));
    return loadForTest(engine, file, { contextTokens: 512 });
  }

  async function writtenBy(other: Model): Promise<readonly number[]> {
    const counting = await promptedSequence(other, 'One, two, three,');
    const { ids } = await generated(counting, requestWith({ maxTokens: 2 }));
    await counting.dispose();
    return ids;
  }

  it('is as long as llama.cpp makes it, and a probe of another length is refused, not the model', async () => {
    await using folder = await temporaryFolder();
    const narrow = await withOutputSize(64, folder.path);
    const sequence = await promptedSequence(narrow, question);
    const state = await sequence.lastHiddenState(unhurried);
    expect(state).toHaveLength(64);
    expect(requireLocal(narrow.info).hiddenSize).toBe(requireLocal(model.info).hiddenSize);
    expect(narrow.info.capabilities.hiddenState).toBe(64);
    expect(
      cosine(state ?? new Float32Array(), (await stateBehind(question)).subarray(0, 64)),
    ).toBeGreaterThan(0.999);
    await sequence.dispose();
    expect(await writtenBy(narrow)).toHaveLength(2);
    const { identity } = narrow.info;
    const { hiddenSize } = requireLocal(narrow.info);
    const bytes = probeFile({
      hiddenSize,
      w1: Array.from({ length: hiddenSize }, () => [1]),
      b1: [0],
      w2: [[0, 0, 1]],
      b2: [0, 0, 0],
      metadata: {
        [probeMetadataKeys.modelHash]: identity.hash,
        [probeMetadataKeys.hiddenSize]: String(hiddenSize),
      },
    });
    await writeFile(probePath(folder.path, narrow.info), bytes);
    const { estimator, notes } = await loadEstimator([folder.path], narrow.info);
    expect(estimator.readsPromptState).toBe(false);
    expect(notes).toHaveLength(1);
    await narrow.dispose();
  });

  it('is not asked for where llama.cpp would read beyond its row', async () => {
    await using folder = await temporaryFolder();
    const wide = await withOutputSize(2 * requireLocal(model.info).hiddenSize, folder.path);
    const sequence = await promptedSequence(wide, question);
    expect(await sequence.lastHiddenState(unhurried)).toBeNull();
    expect(wide.info.capabilities.hiddenState).toBeNull();
    await sequence.dispose();
    expect(await writtenBy(wide)).toHaveLength(2);
    await wide.dispose();
  });

  it('is what a probe judges a question by', async () => {
    await using folder = await temporaryFolder();
    const { identity } = model.info;
    const { hiddenSize } = requireLocal(model.info);
    const state = await stateBehind(question);
    // One hidden unit that measures how much a state resembles this one; it speaks for "hard".
    const norm = Math.sqrt(state.reduce((sum, value) => sum + value * value, 0));
    const bytes = probeFile({
      hiddenSize,
      w1: Array.from(state, (value) => [value / norm / norm]),
      b1: [-0.9],
      w2: [[0, 0, 100]],
      b2: [0, 1, 0],
      metadata: {
        [probeMetadataKeys.modelHash]: identity.hash,
        [probeMetadataKeys.hiddenSize]: String(hiddenSize),
      },
    });
    await writeFile(probePath(folder.path, model.info), bytes);
    const { estimator, notes } = await loadEstimator([folder.path], model.info);
    expect(notes).toEqual([]);
    const judge = async (promptState: Float32Array) =>
      (await estimator.estimate({ probePrefixEntropyNats: [], hasEnded: false, promptState })).difficulty;
    expect(await judge(await stateBehind(question))).toBe('hard');
    expect(await judge(await stateBehind('Is it raining in Rome?'))).toBe('normal');
    await estimator.dispose();
  });
});
