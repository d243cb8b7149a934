import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadEstimator } from '../../sidecar/reasoning/difficulty/loadEstimator.ts';
import { probeMetadataKeys, probePath } from '../../sidecar/reasoning/difficulty/probe.ts';
import { generated, promptedSequence, requestWith, unhurried } from '../support/engine/generating.ts';
import { openModel } from '../support/engine/realEngine.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { probeFile } from '../support/modelFiles/onnxFile.ts';

const question = 'What is 17 times 23?';

const { model } = await openModel('smollm2-135m', { contextTokens: 512 });

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
    expect(state).toHaveLength(model.info.hiddenSize);
    expect(state?.every(Number.isFinite)).toBe(true);
    expect(new Set(state).size).toBeGreaterThan(model.info.hiddenSize / 2);
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
    expect(await asked.lastHiddenState(unhurried)).toHaveLength(model.info.hiddenSize);
    await expect(asked.lastHiddenState(AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    await Promise.all([asked.dispose(), unasked.dispose()]);
  });

  it('is what a probe judges a question by', async () => {
    await using folder = await temporaryFolder();
    const { hiddenSize, identity } = model.info;
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
      (await estimator.estimate({ openingEntropyNats: [], hasEnded: false, promptState })).difficulty;
    expect(await judge(await stateBehind(question))).toBe('hard');
    expect(await judge(await stateBehind('Is it raining in Rome?'))).toBe('normal');
    await estimator.dispose();
  });
});
