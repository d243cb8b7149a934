import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Model, Sequence } from '../../sidecar/engine/engine.ts';
import { generated, requestWith } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';

const never = new AbortController().signal;

let engine: Engine;
let one: Model;
let other: Model;
beforeAll(async () => {
  engine = createRealEngine();
  const path = await installedModelPath('smollm2-135m');
  // Other options make another model of the same file.
  one = await loadForTest(engine, path, { contextTokens: 512, threads: 1 });
  other = await loadForTest(engine, path, { contextTokens: 768, threads: 1 });
});
afterAll(async () => {
  await engine.dispose();
});

async function opened(model: Model, priority: 'interactive' | 'background'): Promise<Sequence> {
  const sequence = await model.openSequence({ priority }, never);
  await sequence.append(await model.tokenize('Once upon a time', { special: false }), never);
  return sequence;
}

/** Starts a long generation and tells how many tokens it has come to. */
function counted(sequence: Sequence, signal: AbortSignal) {
  const count = { tokens: 0, ended: Promise.resolve() };
  const steps = sequence.generate(requestWith({ maxTokens: 400 }), signal);
  count.ended = (async () => {
    for await (const batch of steps) count.tokens += batch.length;
  })();
  return count;
}

describe('two models at work', () => {
  it('take turns: neither waits for the other to end', async () => {
    const ending = new AbortController();
    const long = counted(await opened(one, 'interactive'), ending.signal);
    const short = await generated(await opened(other, 'interactive'), requestWith({ maxTokens: 12 }));
    expect(short.ids).toHaveLength(12);
    expect(long.tokens).toBeGreaterThan(0);
    expect(long.tokens).toBeLessThan(400);
    ending.abort();
    await long.ended;
  });

  it('let interactive requests of one go before background work of the other', async () => {
    const ending = new AbortController();
    const background = counted(await opened(one, 'background'), ending.signal);
    const interactive = await opened(other, 'interactive');
    const before = background.tokens;
    expect((await generated(interactive, requestWith({ maxTokens: 24 }))).ids).toHaveLength(24);
    // What was decoded before the request came in, and steps that wait to be posted together.
    expect(background.tokens - before).toBeLessThan(12);
    ending.abort();
    await background.ended;
  });
});
