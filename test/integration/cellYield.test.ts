import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Model, Sequence, SequenceOptions } from '../../sidecar/engine/engine.ts';
import { generated, longText, requestWith, unhurried, type Generated } from '../support/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/realEngine.ts';
import { expectSameText } from '../support/sameText.ts';

const contextTokens = 512;
/** A text under this grammar has no end. */
const endless = String.raw`root ::= [^\x00] root`;

let engine: Engine;
let model: Model;
beforeAll(async () => {
  engine = createRealEngine();
  model = await loadForTest(engine, await installedModelPath('smollm2-135m'), { contextTokens });
});
afterAll(async () => {
  await engine.dispose();
});

async function prompted(
  priority: SequenceOptions['priority'],
  count: number,
  seed: number,
): Promise<Sequence> {
  const sequence = await model.openSequence({ priority }, unhurried);
  const tokens = await model.tokenize(longText(count, seed), { special: false });
  await sequence.append(tokens.slice(0, count), unhurried);
  return sequence;
}

function run(sequence: Sequence, maxTokens: number): Promise<Generated> {
  return generated(sequence, requestWith({ grammar: endless, maxTokens }));
}

const counting = Array.from({ length: 40 }, (_, i) => `${i + 1},`).join(' ');

/** Greedy text of a background sequence, during which something else goes on once it has begun. */
async function counted(meanwhile: () => Promise<void>): Promise<Generated> {
  const sequence = await model.openSequence({ priority: 'background' }, unhurried);
  await sequence.append(await model.tokenize(counting, { special: false }), unhurried);
  let tell: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const counts = generated(sequence, requestWith({ maxTokens: 100, alternatives: 2 }), {
    onBatch: () => {
      tell();
    },
  });
  await hasBegun;
  await meanwhile();
  const result = await counts;
  await sequence.dispose();
  return result;
}

describe('cells that run out', () => {
  it('are had from a background generation, which goes on with the same text afterwards', async () => {
    const alone = await counted(() => Promise.resolve());
    expect(alone.text).toContain('45, 46, 47');
    const interactiveEnds: string[] = [];
    const paused = await counted(async () => {
      const interactive = await prompted('interactive', 450, 2);
      interactiveEnds.push((await run(interactive, 40)).end.type);
      await interactive.dispose();
    });
    expect(interactiveEnds).toEqual(['maxTokens']);
    expect(paused.end).toEqual(alone.end);
    expectSameText(paused.steps, alone.steps);
  });

  it('are had from a prompt that its branches share, and they go on', async () => {
    const parent = await prompted('background', 300, 3);
    const forks = await parent.fork(2, unhurried);
    const interactive = await prompted('interactive', 400, 4);
    expect((await run(interactive, 8)).end.type).toBe('maxTokens');
    await interactive.dispose();
    await parent.dispose();
    // Each has to decode the prompt anew, for which there is no room at once.
    const [first, second] = forks;
    if (first === undefined || second === undefined) throw new Error('There are no forks.');
    expect((await run(first, 8)).end.type).toBe('maxTokens');
    await first.dispose();
    expect((await run(second, 8)).end.type).toBe('maxTokens');
    await second.dispose();
  });

  it('end the larger of two background generations, and leave what is interactive alone', async () => {
    const interactive = await prompted('interactive', 100, 5);
    const [small, large] = [await prompted('background', 100, 6), await prompted('background', 270, 7)];
    const [smallEnd, largeEnd] = await Promise.all([run(small, 100), run(large, 100)]);
    expect([smallEnd.end.type, largeEnd.end.type]).toEqual(['maxTokens', 'contextFull']);
    expect(largeEnd.ids.length).toBeGreaterThan(0);
    expect(interactive.length).toBe(100);
    await Promise.all([small, large].map((sequence) => sequence.dispose()));
    expect((await run(interactive, 8)).end.type).toBe('maxTokens');
    await interactive.dispose();
  });
});
