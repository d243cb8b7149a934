import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { describe, expect, it } from 'vitest';
import {
  generated,
  longText,
  promptedSequence,
  requestWith,
  unhurried,
} from '../support/engine/generating.ts';
import { loadForTest, openModel } from '../support/engine/realEngine.ts';

const contextTokens = 512;

const { engine, model } = await openModel('smollm2-135m', { contextTokens });

/** A text that makes about this many tokens, and its tokens. */
async function tokensOf(count: number, seed: number): Promise<readonly number[]> {
  return (await model.tokenize(longText(count, seed), { special: false })).slice(0, count);
}

describe('prefix reuse', () => {
  it('takes what a live sequence holds, all but the token that waits', async () => {
    const tokens = await tokensOf(100, 1);
    const first = await model.openSequence({ priority: 'interactive' }, unhurried);
    const second = await model.openSequence({ priority: 'interactive' }, unhurried);
    expect(await first.append(tokens, unhurried)).toMatchObject({ tokenCount: 100, cachedTokenCount: 0 });
    expect(await second.append(tokens, unhurried)).toMatchObject({ tokenCount: 100, cachedTokenCount: 99 });
    await Promise.all([first.dispose(), second.dispose()]);
  });

  it('takes what a finished sequence left behind, as far as the texts agree', async () => {
    const tokens = await tokensOf(120, 2);
    const first = await model.openSequence({ priority: 'interactive' }, unhurried);
    await first.append(tokens, unhurried);
    await first.dispose();
    const changed = [...tokens.slice(0, 70), ...(await tokensOf(30, 3))];
    const second = await model.openSequence({ priority: 'interactive' }, unhurried);
    expect(await second.append(changed, unhurried)).toMatchObject({ tokenCount: 100, cachedTokenCount: 70 });
    await second.dispose();
  });

  it('extends the sequence it belongs to without decoding anything twice', async () => {
    const tokens = await tokensOf(90, 4);
    const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
    await sequence.append(tokens.slice(0, 60), unhurried);
    expect(await sequence.append(tokens.slice(60), unhurried)).toMatchObject({
      tokenCount: 30,
      cachedTokenCount: 0,
    });
    expect(sequence.length).toBe(90);
    await sequence.dispose();
  });

  it('looks up a first prompt only, so that what follows takes the same decode calls each time', async () => {
    const tokens = await tokensOf(90, 16);
    for (let time = 0; time < 2; time++) {
      const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
      await sequence.append(tokens.slice(0, 60), unhurried);
      const { cachedTokenCount } = await sequence.append(tokens.slice(60), unhurried);
      expect(cachedTokenCount).toBe(0);
      await sequence.dispose();
    }
  });

  it('gives the same text from cached cells as from fresh ones', async () => {
    const prompt = `${longText(40, 5)}\nThe next number is`;
    const cold = await promptedSequence(model, prompt);
    const fresh = await generated(cold, requestWith({ maxTokens: 16 }));
    await cold.dispose();
    const warm = await promptedSequence(model, prompt);
    const cached = await generated(warm, requestWith({ maxTokens: 16 }));
    await warm.dispose();
    expect(cached.ids).toEqual(fresh.ids);
  });

  it('makes room by forgetting the least recently used', async () => {
    const held: number[] = [];
    for (const seed of [11, 12, 13, 14]) {
      const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
      await sequence.append(await tokensOf(200, seed), unhurried);
      await sequence.dispose();
    }
    for (const seed of [14, 11]) {
      const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
      held.push((await sequence.append(await tokensOf(200, seed), unhurried)).cachedTokenCount);
      await sequence.dispose();
    }
    // Of the forgotten one the first token is still there: the others begin with it too.
    expect(held).toEqual([199, 1]);
  });
});

describe('forks', () => {
  it('share the prompt, go their own ways and leave the parent as it was', async () => {
    const parent = await promptedSequence(model, `${longText(50, 6)}\nOnce upon a time`);
    const { length } = parent;
    const forks = await parent.fork(3, unhurried);
    const sampler = { temperature: 1, topK: 0, topP: 1, minP: 0 };
    const texts = await Promise.all(
      forks.map((fork, seed) => generated(fork, requestWith({ sampler, seed, maxTokens: 20 }))),
    );
    expect(new Set(texts.map(({ text }) => text)).size).toBe(3);
    expect(forks.map((fork) => fork.length)).toEqual([length + 20, length + 20, length + 20]);
    expect(parent.length).toBe(length);
    const alone = await generated(parent, requestWith({ maxTokens: 8 }));
    expect(alone.ids).toHaveLength(8);
    await Promise.all([parent, ...forks].map((sequence) => sequence.dispose()));
  });

  it('outlive the sequence they were forked from', async () => {
    const parent = await promptedSequence(model, 'A list of colours: red,');
    const [fork] = await parent.fork(1, unhurried);
    await parent.dispose();
    const { ids } = await generated(fork ?? parent, requestWith({ maxTokens: 8 }));
    expect(ids).toHaveLength(8);
    await fork?.dispose();
  });

  it('cost no cells for what they share', async () => {
    // Four times 350 tokens would be far more than the context holds.
    const parent = await model.openSequence({ priority: 'interactive' }, unhurried);
    await parent.append(await tokensOf(350, 7), unhurried);
    const forks = await parent.fork(4, unhurried);
    const ends = await Promise.all(forks.map((fork) => generated(fork, requestWith({ maxTokens: 10 }))));
    expect(ends.map(({ end }) => end.type)).toEqual(['maxTokens', 'maxTokens', 'maxTokens', 'maxTokens']);
    await Promise.all([parent, ...forks].map((sequence) => sequence.dispose()));
  });
});

describe('more forks than llama.cpp can tell apart', () => {
  it('are refused, and none of them stays behind', async () => {
    const parent = await promptedSequence(model, 'One, two, three,');
    await expect(parent.fork(300, unhurried)).rejects.toMatchObject({ code: 'parameter.invalid' });
    const forks = await parent.fork(200, unhurried);
    await Promise.all([parent, ...forks].map((sequence) => sequence.dispose()));
  });
});

describe('a context that is too small', () => {
  it('refuses a longer prompt before decoding any of it', async () => {
    const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
    const tokens = await tokensOf(contextTokens, 8);
    await expect(sequence.append(tokens, unhurried)).rejects.toMatchObject({ code: 'context.exceeded' });
    expect(sequence.length).toBe(0);
    expect(await sequence.append(tokens.slice(0, 50), unhurried)).toMatchObject({ tokenCount: 50 });
    await sequence.dispose();
  });

  it('refuses a prompt that does not fit beside those that are alive', async () => {
    const first = await model.openSequence({ priority: 'interactive' }, unhurried);
    await first.append(await tokensOf(350, 9), unhurried);
    const second = await model.openSequence({ priority: 'interactive' }, unhurried);
    await expect(second.append(await tokensOf(300, 10), unhurried)).rejects.toMatchObject({
      code: 'context.exceeded',
    });
    await Promise.all([first.dispose(), second.dispose()]);
  });

  it('ends a generation that fills it', async () => {
    const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
    await sequence.append(await tokensOf(contextTokens - 6, 15), unhurried);
    const sampler = { temperature: 1.5, topK: 0, topP: 1, minP: 0 };
    const { end, steps } = await generated(sequence, requestWith({ sampler, maxTokens: 100 }));
    expect(end).toEqual({ type: 'contextFull' });
    expect(steps).toHaveLength(6);
    expect((await generated(sequence, requestWith())).end).toEqual({ type: 'contextFull' });
    await sequence.dispose();
  });
});

describe('openSequence', () => {
  it('waits for a place when as many as allowed are alive', async () => {
    const tight = await loadForTest(engine, requireLocal(model.info).path, {
      contextTokens,
      maxSequences: 1,
    });
    const first = await tight.openSequence({ priority: 'interactive' }, unhurried);
    const giveUp = new AbortController();
    const refused = tight.openSequence({ priority: 'interactive' }, giveUp.signal);
    const second = tight.openSequence({ priority: 'interactive' }, unhurried);
    giveUp.abort();
    await expect(refused).rejects.toMatchObject({ code: 'cancelled' });
    await first.dispose();
    await (await second).dispose();
    await tight.dispose();
  });
});
