import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import { batchTokens } from '../../sidecar/engine/llama/decoding/batchPlanner.ts';
import { generated, longText, requestWith, unhurried } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';
import { expectSameText } from '../support/engine/sameText.ts';

/** Across threads and models; what becomes of the calls is counted one by one in `cancelledRounds.test.ts`. */
let engine: Engine;
let reading: Model;
let typing: Model;
beforeAll(async () => {
  engine = createRealEngine();
  const path = await installedModelPath('smollm2-135m');
  reading = await loadForTest(engine, path, { contextTokens: 1024 });
  typing = await loadForTest(engine, path, { contextTokens: 512 });
});
afterAll(async () => {
  await engine.dispose();
});

/** A completion as the product makes it: tokens first, then a sequence. */
async function complete(model: Model): Promise<void> {
  const typed = await model.tokenize('def add(a, b):', { special: false, isUrgent: true });
  const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
  await sequence.append(typed, unhurried);
  expect((await generated(sequence, requestWith({ maxTokens: 2 }))).ids).toHaveLength(2);
  await sequence.dispose();
}

describe.each([
  ['the same model', 3, () => reading],
  ['another model', 4, () => typing],
])('a background prompt gives way to whoever types for %s', (_, promptSeed, typedFor) => {
  it('in the middle of a call, and is then read to its end', async () => {
    const tokens = (await reading.tokenize(longText(batchTokens, promptSeed), { special: false })).slice(
      0,
      batchTokens,
    );
    const background = await reading.openSequence({ priority: 'background' }, unhurried);
    const ends: string[] = [];
    const append = background.append(tokens, unhurried).then((prefill) => {
      ends.push('prompt');
      return prefill;
    });
    // Answered just before the call begins that all of the prompt is in.
    await reading.tokenize('so far', { special: false });
    await complete(typedFor());
    ends.push('completion');
    const prefill = await append;
    expect(ends).toEqual(['completion', 'prompt']);
    expect(prefill).toMatchObject({ tokenCount: batchTokens, cachedTokenCount: 0 });

    // Nothing of the aborted call is left behind that the text could show.
    const request = requestWith({ maxTokens: 8, alternatives: 2 });
    const disturbed = await generated(background, request);
    await background.dispose();
    const alone = await reading.openSequence({ priority: 'background', isReproducible: true }, unhurried);
    await alone.append(tokens, unhurried);
    const undisturbed = await generated(alone, request);
    await alone.dispose();
    expectSameText(disturbed.steps, undisturbed.steps);
  });
});
