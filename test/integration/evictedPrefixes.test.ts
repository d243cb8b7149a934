import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Model, TokenStep } from '../../sidecar/engine/engine.ts';
import { generated, longText, requestWith, unhurried } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';
import { expectSameText } from '../support/engine/sameText.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const contextTokens = 512;

let engine: Engine;
let path: string;
beforeAll(async () => {
  engine = createRealEngine();
  path = await installedModelPath('smollm2-135m');
});
afterAll(async () => {
  await engine.dispose();
});

async function tokensOf(model: Model, count: number, seed: number): Promise<readonly number[]> {
  return (await model.tokenize(longText(count, seed), { special: false })).slice(0, count);
}

interface Asked {
  readonly cachedTokenCount: number;
  readonly steps: readonly TokenStep[];
}

/** A prompt in a sequence of its own, and what the model says to it. */
async function ask(model: Model, tokens: readonly number[], isReproducible = false): Promise<Asked> {
  const sequence = await model.openSequence({ priority: 'interactive', isReproducible }, unhurried);
  try {
    const { cachedTokenCount } = await sequence.append(tokens, unhurried);
    const { steps } = await generated(sequence, requestWith({ maxTokens: 12, alternatives: 5 }));
    return { cachedTokenCount, steps };
  } finally {
    await sequence.dispose();
  }
}

/** Fills the context with other texts, so that whatever is retired has to go. */
async function fillContext(model: Model): Promise<void> {
  for (const seed of [901, 902, 903]) {
    await ask(model, await tokensOf(model, 450, seed));
  }
}

describe('a prefix that had to give up its cells', () => {
  it('comes back from host memory, with the same answer to rounding', async () => {
    const model = await loadForTest(engine, path, { contextTokens, prefixBytes: 2 ** 28 });
    const tokens = await tokensOf(model, 250, 21);
    const cold = await ask(model, tokens);
    await fillContext(model);
    const restored = await ask(model, tokens);
    expect(restored.cachedTokenCount).toBe(249);
    expectSameText(restored.steps, cold.steps);
    await model.dispose();
  });

  it('comes back as far as a text agrees with it', async () => {
    const model = await loadForTest(engine, path, { contextTokens, prefixBytes: 2 ** 28 });
    const tokens = await tokensOf(model, 250, 22);
    await ask(model, tokens);
    await fillContext(model);
    const changed = [...tokens.slice(0, 150), ...(await tokensOf(model, 25, 23))];
    const restored = await ask(model, changed);
    expect(restored.cachedTokenCount).toBe(150);
    const fresh = await loadForTest(engine, path, { contextTokens });
    const cold = await ask(fresh, changed);
    expectSameText(restored.steps, cold.steps);
    await Promise.all([model.dispose(), fresh.dispose()]);
  });

  it('is copied once for all that share it, and comes back for each of them', async () => {
    const model = await loadForTest(engine, path, { contextTokens, prefixBytes: 2 ** 28 });
    const prompt = await tokensOf(model, 150, 24);
    const endings = await Promise.all([25, 26, 27].map((seed) => tokensOf(model, 40, seed)));
    for (const ending of endings) await ask(model, [...prompt, ...ending]);
    await fillContext(model);
    for (const ending of endings) {
      expect((await ask(model, [...prompt, ...ending])).cachedTokenCount).toBe(189);
    }
    await model.dispose();
  });

  it('is forgotten where no host memory is given', async () => {
    const model = await loadForTest(engine, path, { contextTokens });
    const tokens = await tokensOf(model, 250, 28);
    await ask(model, tokens);
    await fillContext(model);
    // Other texts begin with the same token.
    expect((await ask(model, tokens)).cachedTokenCount).toBeLessThan(8);
    await model.dispose();
  });

  it('is not used by who wants the same text as in a fresh process', async () => {
    const model = await loadForTest(engine, path, { contextTokens, prefixBytes: 2 ** 28 });
    const tokens = await tokensOf(model, 250, 29);
    const first = await ask(model, tokens, true);
    await fillContext(model);
    const second = await ask(model, tokens, true);
    expect(second).toEqual(first);
    expect(second.cachedTokenCount).toBe(0);
    await model.dispose();
  });

  it('leaves as many cells as there were', async () => {
    const model = await loadForTest(engine, path, { contextTokens, prefixBytes: 2 ** 28 });
    for (let time = 0; time < 6; time++) {
      await ask(model, await tokensOf(model, 350, 31 + (time % 3)));
    }
    // A prompt that needs every cell but one finds them.
    const all = await tokensOf(model, contextTokens - 13, 40);
    const { steps } = await ask(model, all);
    expect(steps).toHaveLength(12);
    await model.dispose();
  });

  it('outlives the process on disk where that is switched on', async () => {
    await using folder = await temporaryFolder();
    const prefixFiles = { folder: folder.path, budgetBytes: 2 ** 28 };
    const first = createRealEngine();
    const before = await loadForTest(first, path, { contextTokens, prefixFiles });
    const tokens = await tokensOf(before, 250, 51);
    const cold = await ask(before, tokens);
    await first.dispose();
    const second = createRealEngine();
    const after = await loadForTest(second, path, { contextTokens, prefixFiles });
    const restored = await ask(after, tokens);
    expect(restored.cachedTokenCount).toBe(249);
    expectSameText(restored.steps, cold.steps);
    await second.dispose();
    // One model, one folder.
    expect(await readdir(folder.path)).toHaveLength(1);
  });
});
