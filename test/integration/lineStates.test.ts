import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../sidecar/engine/engine.ts';
import { endsLine } from '../../sidecar/engine/lineEnd.ts';
import {
  generated,
  longText,
  promptedSequence,
  requestWith,
  unhurried,
} from '../support/engine/generating.ts';
import type { Generated } from '../support/engine/generating.ts';
import { openModel } from '../support/engine/realEngine.ts';
import { expectSameText } from '../support/engine/sameText.ts';

/** Prompts that are continued line by line; the last token of neither ends a line. */
const squares = 'Numbers and their squares:\n1 1\n2 4\n3 9\n4';
const doubles = 'Numbers and their doubles:\n1 2\n2 4\n3 6\n4';
const stated = requestWith({ maxTokens: 24, alternatives: 2, hiddenStatesAt: 'lineEnds' });

const { model } = await openModel('smollm2-135m', { contextTokens: 2048, threads: 1 });

/** The state at the end of a prompt and tokens that are read as a prompt, in a sequence of its own. */
async function stateAfter(of: Model, prompt: string, ids: readonly number[]): Promise<Float32Array> {
  const sequence = await promptedSequence(of, prompt);
  if (ids.length > 0) await sequence.append(ids, unhurried);
  const state = await sequence.lastHiddenState(unhurried);
  await sequence.dispose();
  if (state === null) throw new Error('The engine gives no hidden state.');
  return state;
}

/** Length of the difference as a share of the length of the expected state. */
function distance(found: Float32Array | undefined, expected: Float32Array): number {
  const norm = (values: Float32Array): number => Math.hypot(...values);
  return norm(expected.map((value, i) => value - (found?.[i] ?? NaN))) / norm(expected);
}

/** Reading a prompt and generating round differently: measured up to 0.02. Two lines lie over 0.3 apart. */
const rounding = 0.05;
const apart = 0.15;

/** Each state is that of a prompt which ends where its line does, and no line end is without one. */
async function expectStatesOf(
  of: Model,
  prompt: string,
  { ids, steps, lastState }: Generated,
): Promise<void> {
  const before = await of.tokenize(prompt, { special: true });
  const texts = await Promise.all([...before.slice(-2), ...ids].map((id) => of.detokenize([id])));
  const expected = ids.flatMap((_, i) => (endsLine(texts[i + 1] ?? '', texts[i] ?? '') ? [i] : []));
  const found = steps.flatMap(({ lineState }, i) => (lineState === undefined ? [] : [i]));
  expect(found).toEqual(expected);
  expect(found.length).toBeGreaterThan(1);
  for (const i of found) {
    const state = steps[i]?.lineState;
    expect(state).toHaveLength(requireLocal(of.info).hiddenSize);
    expect(distance(state, await stateAfter(of, prompt, ids.slice(0, i)))).toBeLessThan(rounding);
    expect(distance(state, await stateAfter(of, prompt, ids.slice(0, i - 1)))).toBeGreaterThan(apart);
  }
  expect(distance(lastState, await stateAfter(of, prompt, ids.slice(0, -1)))).toBeLessThan(rounding);
}

describe('states of a generation', () => {
  it('are at its line ends and its end what a prompt of the same tokens gives', async () => {
    const sequence = await promptedSequence(model, squares);
    await expectStatesOf(model, squares, await generated(sequence, stated));
    await sequence.dispose();
  });

  it('are absent unless they are asked for, and change no text', async () => {
    const [asked, unasked] = [await promptedSequence(model, squares), await promptedSequence(model, squares)];
    const withStates = await generated(asked, stated);
    const without = await generated(unasked, requestWith({ maxTokens: 24, alternatives: 2 }));
    expectSameText(withStates.steps, without.steps);
    expect(without.steps.some(({ lineState }) => lineState !== undefined)).toBe(false);
    expect(without).not.toHaveProperty('lastState');
    await Promise.all([asked.dispose(), unasked.dispose()]);
  });

  it('are of each sequence its own in one batch, beside one that asks for none and a prompt that comes in', async () => {
    const beside = await promptedSequence(model, 'One, two, three,');
    const sequences = [
      await promptedSequence(model, squares),
      await promptedSequence(model, doubles),
    ] as const;
    const incoming: Promise<void>[] = [];
    const onBatch = (): void => {
      if (incoming.length > 0) return;
      incoming.push(promptedSequence(model, longText(40, 3)).then((sequence) => sequence.dispose()));
    };
    const plain = generated(beside, requestWith({ maxTokens: 24 }));
    const [first, second] = await Promise.all([
      generated(sequences[0], stated, { onBatch }),
      generated(sequences[1], stated),
    ]);
    await Promise.all(incoming);
    expect(incoming).toHaveLength(1);
    expect((await plain).steps.some(({ lineState }) => lineState !== undefined)).toBe(false);
    await expectStatesOf(model, squares, first);
    await expectStatesOf(model, doubles, second);
    await Promise.all([beside, ...sequences].map((sequence) => sequence.dispose()));
  });

  it('are of each fork its own, which all draw first from what was read at the prompt', async () => {
    const first = await promptedSequence(model, squares);
    const state = await first.lastHiddenState(unhurried);
    const [fork] = await first.fork(1, unhurried);
    if (fork === undefined || state === null) throw new Error('There is no fork, or no state.');
    const one = { ...stated, maxTokens: 1 };
    const [a, b] = await Promise.all([generated(first, one), generated(fork, one)]);
    expect(a.lastState).toEqual(state);
    expect(b.lastState).toEqual(state);
    const rest = await generated(fork, { ...stated, maxTokens: 23 });
    const { lastState } = rest;
    const ids = [...b.ids, ...rest.ids];
    await expectStatesOf(model, squares, { ...rest, ids, steps: [...b.steps, ...rest.steps], lastState });
    await Promise.all([first.dispose(), fork.dispose()]);
  });

  it('end with the token before an end that is drawn, and are none where it is cancelled', async () => {
    const sequence = await promptedSequence(model, squares);
    const line = await generated(sequence, { ...stated, stopTexts: ['\n'] });
    expect(line.end).toEqual({ type: 'stopText', text: '\n' });
    const expected = await stateAfter(model, squares, line.ids.slice(0, -1));
    expect(distance(line.lastState, expected)).toBeLessThan(rounding);
    const ending = new AbortController();
    const cancelled = await generated(sequence, stated, {
      signal: ending.signal,
      onBatch: () => {
        ending.abort();
      },
    });
    expect(cancelled.end).toEqual({ type: 'cancelled' });
    expect(cancelled).not.toHaveProperty('lastState');
    await sequence.dispose();
  });
});

describe('states of a generation that drafts', () => {
  it('are those of the guesses that were right', async () => {
    const { model: drafting } = await openModel('smollm2-135m', {
      contextTokens: 2048,
      threads: 1,
      speculation: 'on',
    });
    const copied = `The same lines again and again:\n${'a quick brown fox\nand a lazy dog\n'.repeat(4)}a`;
    const sequence = await promptedSequence(drafting, copied);
    const result = await generated(sequence, { ...stated, maxTokens: 40 });
    const acceptedTokens = result.drafts.reduce((sum, { acceptedTokenCount }) => sum + acceptedTokenCount, 0);
    expect(acceptedTokens).toBeGreaterThan(5);
    await expectStatesOf(drafting, copied, result);
    await sequence.dispose();
  });
});
