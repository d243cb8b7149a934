import { describe, expect, it } from 'vitest';
import type { Sequence, SequenceOptions } from '../../sidecar/engine/engine.ts';
import { generated, type Generated, longText, requestWith, unhurried } from '../support/engine/generating.ts';
import { idRun } from '../support/engine/liveCells.ts';
import { openHost } from '../support/engine/openHost.ts';
import { openModel } from '../support/engine/realEngine.ts';
import { expectSameText } from '../support/engine/sameText.ts';

const contextTokens = 512;
const background: SequenceOptions = { priority: 'background' };
/** A text under this grammar has no end. */
const endless = String.raw`root ::= [^\x00] root`;

const { model } = await openModel('smollm2-135m', { contextTokens });

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
    // There is no room for the prompt twice: one of them decodes it for both.
    const answers = await Promise.all(forks.map((fork) => run(fork, 8)));
    expect(answers.map(({ end }) => end.type)).toEqual(['maxTokens', 'maxTokens']);
    await Promise.all(forks.map((fork) => fork.dispose()));
  });

  it('end the larger of two background generations, and leave what is interactive alone', async () => {
    using open = await openHost(contextTokens);
    const { sequences } = open.host;
    const interactive = open.prompted(idRun(5, 100));
    const [small, large] = [
      open.prompted(idRun(6, 100), background),
      open.prompted(idRun(7, 270), background),
    ];
    const request = requestWith({ grammar: endless, maxTokens: 100 });
    const answers = open.generate([small, large], request);
    expect(answers.map(({ result }) => result.end.type)).toEqual(['maxTokens', 'contextFull']);
    expect(answers[1]?.steps.length).toBeGreaterThan(0);
    expect(sequences.get(interactive)?.decodedCount).toBe(99);
  });

  it('are promised to one prompt at a time', async () => {
    using open = await openHost(contextTokens);
    const { sequences, loop } = open.host;
    for (const id of [1, 2]) sequences.open(id, background);
    sequences.append(1, 1, idRun(8, 300));
    const exceeded: unknown = expect.objectContaining({ code: 'context.exceeded' });
    expect(() => {
      sequences.append(2, 2, idRun(9, 300));
    }).toThrow(exceeded);
    while (loop.hasWork) loop.runRound();
    expect([sequences.get(1)?.decodedCount, sequences.get(2)?.tokens.length]).toEqual([299, 0]);
    sequences.append(2, 3, idRun(9, 200));
  });

  it('are wanted once for branches that append to a prompt which they lost', async () => {
    using open = await openHost(contextTokens);
    const { sequences, loop } = open.host;
    const parent = open.prompted(idRun(1, 300), background);
    const forks = [101, 102];
    sequences.fork(parent, forks);
    sequences.close(parent);
    sequences.close(open.prompted(idRun(2, 400)));
    for (const id of forks) sequences.append(id, id, idRun(id - 98, 20));
    while (loop.hasWork) loop.runRound();
    expect(forks.map((id) => sequences.get(id)?.decodedCount)).toEqual([319, 319]);
  });

  it('come back from host memory where there is some, and are decoded again where there is none', async () => {
    const callsAfterwards = async (prefixBytes: number): Promise<number> => {
      using open = await openHost(contextTokens, { prefixBytes });
      const { sequences } = open.host;
      const paused = open.prompted(idRun(1, 300), background);
      const interactive = open.prompted(idRun(2, 400));
      expect(sequences.get(paused)?.decodedCount).toBeLessThan(200);
      sequences.close(interactive);
      const before = open.decodeCalls();
      open.generate([paused], requestWith({ maxTokens: 4 }));
      return open.decodeCalls() - before;
    };
    expect(await callsAfterwards(2 ** 26)).toBe(4);
    expect(await callsAfterwards(0)).toBeGreaterThan(4);
  });
});
