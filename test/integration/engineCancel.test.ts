import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import { generated, longText, promptedSequence, requestWith, unhurried } from '../support/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/realEngine.ts';

/** What the product promises, and what a machine that others use meanwhile may add. */
const promiseMs = 50;
const slackMs = 200;
const prefillTokens = 4096;

let engine: Engine;
let model: Model;
beforeAll(async () => {
  engine = createRealEngine();
  model = await loadForTest(engine, await installedModelPath('qwen2.5-coder-0.5b'), { contextTokens: 8192 });
});
afterAll(async () => {
  await engine.dispose();
});

describe('cancellation', () => {
  it(`ends a prefill of ${prefillTokens} tokens at once and leaves nothing behind that confuses the next`, async () => {
    const tokens = (await model.tokenize(longText(prefillTokens, 1), { special: false })).slice(
      0,
      prefillTokens,
    );
    const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
    const delaysMs: number[] = [];
    // Nothing tells that a decode is half way, so the clock does; the whole prompt takes far longer.
    for (const runMs of [900, 500, 500]) {
      const controller = new AbortController();
      let abortedAtMs = Infinity;
      setTimeout(() => {
        abortedAtMs = performance.now();
        controller.abort();
      }, runMs);
      await expect(sequence.append(tokens, controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
      delaysMs.push(performance.now() - abortedAtMs);
      expect(sequence.length).toBe(0);
    }
    // Somebody else's work can delay one of them on a busy machine, but not all.
    expect(Math.min(...delaysMs)).toBeLessThan(promiseMs);
    expect(Math.max(...delaysMs)).toBeLessThan(promiseMs + slackMs);
    // What was decoded before serves whoever starts alike: typing goes on where it was interrupted.
    const again = await sequence.append(tokens.slice(0, 120), unhurried);
    expect(again.cachedTokenCount).toBeGreaterThan(0);
    const afterAbort = await generated(sequence, requestWith({ maxTokens: 12 }));
    await sequence.dispose();
    const fresh = await loadForTest(engine, model.info.path, { contextTokens: 1024 });
    const clean = await fresh.openSequence({ priority: 'interactive' }, unhurried);
    await clean.append(tokens.slice(0, 120), unhurried);
    expect((await generated(clean, requestWith({ maxTokens: 12 }))).ids).toEqual(afterAbort.ids);
    await fresh.dispose();
  });

  it('ends a generation within a step and keeps what was decoded', async () => {
    const sequence = await promptedSequence(model, 'def fibonacci(n):');
    const { length } = sequence;
    const controller = new AbortController();
    let abortedAtMs = Infinity;
    const { steps, end } = await generated(sequence, requestWith({ maxTokens: 400 }), {
      signal: controller.signal,
      onBatch: () => {
        if (abortedAtMs !== Infinity) return;
        abortedAtMs = performance.now();
        controller.abort();
      },
    });
    expect(performance.now() - abortedAtMs).toBeLessThan(promiseMs + slackMs);
    expect(end).toEqual({ type: 'cancelled' });
    expect(steps.length).toBeLessThan(20);
    expect(sequence.length).toBe(length + steps.length);
    expect((await generated(sequence, requestWith({ maxTokens: 4 }))).ids).toHaveLength(4);
    await sequence.dispose();
  });

  it('does nothing when the signal came first', async () => {
    const sequence = await promptedSequence(model, 'x = 1');
    const aborted = AbortSignal.abort();
    await expect(sequence.append([1], aborted)).rejects.toMatchObject({ code: 'cancelled' });
    await expect(sequence.fork(1, aborted)).rejects.toMatchObject({ code: 'cancelled' });
    const { steps, end } = await generated(sequence, requestWith(), { signal: aborted });
    expect([steps.length, end.type]).toEqual([0, 'cancelled']);
    await sequence.dispose();
  });

  it('leaves the other sequences of the batch as they would have been', async () => {
    const survivor = await promptedSequence(model, 'def add(a, b):');
    const victim = await promptedSequence(model, 'def subtract(a, b):');
    const [twin] = await survivor.fork(1, unhurried);
    const controller = new AbortController();
    const dying = generated(victim, requestWith({ maxTokens: 200 }), {
      signal: controller.signal,
      onBatch: () => {
        controller.abort();
      },
    });
    const living = await generated(survivor, requestWith({ maxTokens: 24 }));
    expect((await dying).end.type).toBe('cancelled');
    const alone = await generated(twin ?? survivor, requestWith({ maxTokens: 24 }));
    const differs = living.ids.findIndex((id, i) => id !== alone.ids[i]);
    if (differs >= 0) expect(alone.steps[differs]?.margin).toBeLessThan(0.05);
    for (const sequence of [survivor, victim, twin]) await sequence?.dispose();
  });

  it('ends when the caller leaves its loop', async () => {
    const sequence = await promptedSequence(model, 'import os');
    const { length } = sequence;
    let seen = 0;
    for await (const steps of sequence.generate(requestWith({ maxTokens: 300 }), unhurried)) {
      seen += steps.length;
      if (seen > 2) break;
    }
    expect(sequence.length).toBeGreaterThanOrEqual(length + seen);
    expect(sequence.length).toBeLessThan(length + 50);
    await sequence.append(await model.tokenize('\nimport sys', { special: false }), unhurried);
    await sequence.dispose();
  });

  it('ends what runs when its sequence, model or engine is disposed', async () => {
    const own = createRealEngine();
    const other = await loadForTest(own, await installedModelPath('smollm2-135m'), { contextTokens: 512 });
    const first = await promptedSequence(other, 'One');
    const second = await promptedSequence(other, 'Two');
    const running = [first, second].map((sequence) => generated(sequence, requestWith({ maxTokens: 400 })));
    await first.dispose();
    expect((await running[0])?.end.type).toBe('cancelled');
    await own.dispose();
    expect((await running[1])?.end.type).toBe('cancelled');
    await expect(other.tokenize('x', { special: false })).rejects.toMatchObject({ code: 'engine.failed' });
  });
});

describe('priority', () => {
  it('lets a background sequence pause while an interactive one decodes', async () => {
    const background = await promptedSequence(model, 'A story: once', 'background');
    const interactive = await promptedSequence(model, 'x = [1, 2,');
    let backgroundTokens = 0;
    const slow = generated(background, requestWith({ maxTokens: 60 }), {
      onBatch: (steps) => {
        backgroundTokens += steps.length;
      },
    });
    const quick = await generated(interactive, requestWith({ maxTokens: 24 }));
    expect(quick.steps.length).toBeGreaterThan(0);
    expect(backgroundTokens).toBeLessThan(10);
    expect((await slow).end.type).not.toBe('cancelled');
    await Promise.all([background.dispose(), interactive.dispose()]);
  });
});
