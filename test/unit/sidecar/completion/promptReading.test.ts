import { describe, expect, it } from 'vitest';
import { PromptReading } from '../../../../sidecar/completion/promptReading.ts';
import type { TokenId } from '../../../../sidecar/engine/engine.ts';
import type { InfillBudget } from '../../../../sidecar/prompts/infillPrompt.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';

const whole = { prefixTokens: 768, suffixTokens: 192 };
const never = new AbortController().signal;
/** Reads 200 tokens in a second, so 100 in the time that a first prompt may take. */
const slowly = 5;

/** A place in a document: tokens before the cursor, whose numbers name the place, and some after it. */
function promptAt(place: number, typed: number) {
  return ({ prefixTokens, suffixTokens }: InfillBudget): Promise<readonly TokenId[]> => {
    const before = Array.from({ length: 600 + typed }, (_, i) => place * 10_000 + i);
    const after = Array.from({ length: 300 }, (_, i) => place * 10_000 + 5_000 + i);
    const start = Math.max(0, 600 - prefixTokens);
    return Promise.resolve([1, ...after.slice(0, suffixTokens), 2, ...before.slice(start)]);
  };
}

/** Asks at a place as the completer does, and returns the number of tokens that were asked with. */
async function typing({ boxMs, msPerToken = slowly }: { boxMs?: number | null; msPerToken?: number } = {}) {
  const idleReads: number[] = [];
  const model = await scriptedModel(() => '');
  const reading = new PromptReading({
    ...(boxMs !== undefined && { boxMs }),
    onIdleRead: (_model, tokens) => idleReads.push(tokens),
  });
  const ask = async (place: number, typed: number) => {
    const chosen = await reading.choose(model, whole, promptAt(place, typed));
    const sequence = await model.openSequence({ priority: 'interactive' }, never);
    const prefill = await sequence.append(chosen.prompt, never);
    const read = prefill.tokenCount - prefill.cachedTokenCount;
    reading.note(model, chosen.prompt, { ...prefill, durationMs: read * msPerToken });
    await sequence.dispose();
    return { length: chosen.prompt.length, read, whole: chosen.whole };
  };
  return { model, reading, idleReads, ask };
}

describe('prompt reading', () => {
  it('asks with a short prompt at a new place, and with the whole one when it was read meanwhile', async () => {
    const { model, reading, idleReads, ask } = await typing();
    const first = await ask(1, 0);
    expect(first.length).toBeLessThanOrEqual(100);
    expect(first.whole).toHaveLength(2 + 600 + 192);
    // While one types on before it is read, only what was typed is read of the short one.
    expect(await ask(1, 1)).toMatchObject({ length: first.length + 1, read: 1 });
    await reading.readWhileIdle(model, first.whole ?? []);
    // All but what both prompts begin with, in short calls.
    expect(idleReads.reduce((sum, tokens) => sum + tokens, 0)).toBeGreaterThan(700);
    expect(Math.max(...idleReads)).toBeLessThanOrEqual(64);
    const later = await ask(1, 2);
    expect(later).toMatchObject({ length: 2 + 602 + 192, read: 2, whole: null });
    // A jump, and back.
    expect((await ask(2, 0)).whole).not.toBeNull();
    expect(await ask(1, 2)).toMatchObject({ length: later.length, whole: null });
  });

  it('reads every prompt whole where no time is given', async () => {
    const { ask } = await typing({ boxMs: null });
    expect(await ask(1, 0)).toMatchObject({ length: 2 + 600 + 192, whole: null });
  });

  it('asks with a longer prompt on a faster machine', async () => {
    const fast = await typing({ msPerToken: 1 });
    // Nothing is known of the machine yet.
    expect((await fast.ask(1, 0)).length).toBeLessThanOrEqual(100);
    const known = await fast.ask(2, 0);
    expect(known.length).toBeGreaterThan(400);
    // The windows stay while one types there.
    expect(await fast.ask(2, 1)).toMatchObject({ length: known.length + 1, read: 1 });
    const slow = await typing();
    await slow.ask(1, 0);
    expect((await slow.ask(2, 0)).length).toBeLessThanOrEqual(100);
  });

  it('ends a read of another place, and goes on with one of the same', async () => {
    const idleReads: number[] = [];
    const model = await scriptedModel(() => '', { maxSequences: 1 });
    const reading = new PromptReading({ onIdleRead: (_model, tokens) => idleReads.push(tokens) });
    const busy = await model.openSequence({ priority: 'interactive' }, never);
    const reads = [
      reading.readWhileIdle(model, await promptAt(1, 0)(whole)),
      reading.readWhileIdle(model, await promptAt(2, 0)(whole)),
      reading.readWhileIdle(model, await promptAt(2, 3)(whole)),
    ];
    await busy.dispose();
    await Promise.all(reads);
    expect(idleReads.reduce((sum, tokens) => sum + tokens, 0)).toBe(2 + 600 + 192);
  });

  it('ends a read once somebody is elsewhere, whatever is asked there', async () => {
    const { model, reading, idleReads, ask } = await typing();
    const first = await ask(1, 0);
    const second = await ask(2, 0);
    await reading.readWhileIdle(model, second.whole ?? []);
    const already = idleReads.length;
    const end = reading.beginRequest();
    const read = reading.readWhileIdle(model, first.whole ?? []);
    // What is read of it is in the cache: the whole prompt, so nothing else is to be read there.
    expect((await reading.choose(model, whole, promptAt(2, 1))).whole).toBeNull();
    end();
    await read;
    expect(idleReads.length - already).toBeLessThanOrEqual(1);
  });

  it('waits while a request is under way', async () => {
    const { model, reading, idleReads } = await typing();
    const ends = [reading.beginRequest(), reading.beginRequest()];
    const read = reading.readWhileIdle(model, [1, 2, 3]);
    ends[0]?.();
    // The engine has answered all that was asked of it before.
    await (await model.openSequence({ priority: 'background' }, never)).dispose();
    expect(idleReads).toEqual([]);
    ends[1]?.();
    await read;
    expect(idleReads).toEqual([3]);
  });

  it('says nothing of a model that was unloaded', async () => {
    const { model, reading, idleReads } = await typing();
    await model.dispose();
    await expect(reading.readWhileIdle(model, [1, 2, 3])).resolves.toBeUndefined();
    expect(idleReads).toEqual([]);
  });
});
