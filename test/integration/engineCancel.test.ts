import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { describe, expect, it } from 'vitest';
import {
  generated,
  type Generated,
  longText,
  promptedSequence,
  requestWith,
  unhurried,
} from '../support/engine/generating.ts';
import {
  createRealEngine,
  installedModelPath,
  loadForTest,
  openModel,
} from '../support/engine/realEngine.ts';

/**
 * Cancellation across threads. What a busy machine cannot blur is counted here in tokens, and call by call in
 * `cancelledRounds.test.ts`; how many milliseconds it takes is a figure of the bench (`cancelSuite.ts`).
 */
const prefillTokens = 4096;

const { engine, model } = await openModel('qwen2.5-coder-0.5b', { contextTokens: 8192 });

/** Other shapes of decode calls round otherwise: texts may part where two tokens are about as likely. */
function expectSameUpToTossUp(one: Generated, other: Generated): void {
  const differs = one.ids.findIndex((id, i) => id !== other.ids[i]);
  if (differs >= 0) expect(other.steps[differs]?.margin).toBeLessThan(0.05);
}

describe('cancellation', () => {
  it('ends a prefill before the call that decodes it is over, and leaves nothing behind that confuses the next', async () => {
    const tokens = (await model.tokenize(longText(prefillTokens, 1), { special: false })).slice(
      0,
      prefillTokens,
    );
    const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
    // Every call decodes a piece of the prompt and one token of this: behind such a token the next call has begun.
    const beside = await promptedSequence(model, 'Numbers: 1, 2, 3, 4, 5, 6, 7, 8,');
    const besideEnd = new AbortController();
    let besideTokens = 0;
    let look: () => void = () => undefined;
    const besideRun = generated(beside, requestWith({ maxTokens: 1000 }), {
      signal: besideEnd.signal,
      onBatch: (steps) => {
        besideTokens += steps.length;
        look();
      },
    });
    const attempts = 7;
    const laterTokens: number[] = [];
    for (let attempt = 0; attempt < attempts; attempt++) {
      const controller = new AbortController();
      const appending = sequence.append(tokens, controller.signal);
      const beganAt = besideTokens;
      let abortedAt = Infinity;
      look = () => {
        if (besideTokens < beganAt + 3 || controller.signal.aborted) return;
        abortedAt = besideTokens;
        controller.abort();
      };
      await expect(appending).rejects.toMatchObject({ code: 'cancelled' });
      laterTokens.push(besideTokens - abortedAt);
      expect(sequence.length).toBe(0);
    }
    besideEnd.abort();
    expect((await besideRun).end).toEqual({ type: 'cancelled' });
    await beside.dispose();
    // A call that went on to its end would have given one more, but where the cancellation came between two calls. On
    // a busy machine a token can come late, and then the cancellation too.
    expect(laterTokens.filter((count) => count === 0).length).toBeGreaterThan(attempts / 2);
    // What was decoded before serves whoever starts alike: typing goes on where it was interrupted.
    const again = await sequence.append(tokens.slice(0, 120), unhurried);
    expect(again.cachedTokenCount).toBeGreaterThan(0);
    const afterAbort = await generated(sequence, requestWith({ maxTokens: 12 }));
    await sequence.dispose();
    const fresh = await loadForTest(engine, requireLocal(model.info).path, { contextTokens: 1024 });
    const clean = await fresh.openSequence({ priority: 'interactive' }, unhurried);
    await clean.append(tokens.slice(0, 120), unhurried);
    expectSameUpToTossUp(afterAbort, await generated(clean, requestWith({ maxTokens: 12 })));
    await fresh.dispose();
  });

  it('ends a generation far from its own end and keeps what was decoded', async () => {
    const sequence = await promptedSequence(model, 'def fibonacci(n):');
    const { length } = sequence;
    const controller = new AbortController();
    const { steps, end } = await generated(sequence, requestWith({ maxTokens: 400 }), {
      signal: controller.signal,
      onBatch: () => {
        controller.abort();
      },
    });
    expect(end).toEqual({ type: 'cancelled' });
    expect(steps.length).toBeLessThan(400);
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
    expectSameUpToTossUp(living, alone);
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
