import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Sequence } from '../../sidecar/engine/engine.ts';
import { generated, type Generated, longText, requestWith, unhurried } from '../support/engine/generating.ts';
import { openCells, type OpenCells, type Placed } from '../support/engine/openCells.ts';
import { loadForTest, openModel } from '../support/engine/realEngine.ts';
import { expectSameText } from '../support/engine/sameText.ts';

/**
 * Whoever shares a decode call with a sequence must not be able to read it, or to change what it says (2505.18323).
 * Where the calls have the same shape, that means to the last bit. Each check is also made to fail once, so that it
 * is known to see what it looks for.
 */

const isFinite = (logits: Float32Array): boolean => logits.every((logit) => Number.isFinite(logit));
const tokens = (count: number, seed: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => 1000 + ((seed * 7919 + i * 613) % 30_000));
const place = (text: readonly number[], cellsId: number, from = 0): readonly Placed[] =>
  text.map((token, i) => [token, from + i, cellsId]);

/** Logits of one sequence, prompt and step, beside a neighbour, and the neighbour's own. */
function besideNeighbour(
  cells: OpenCells,
  own: readonly number[],
  neighbour: readonly number[],
  ids: { readonly own: number; readonly neighbour: number },
): { readonly own: readonly Float32Array[]; readonly neighbour: readonly Float32Array[] } {
  const ownLast = own.length - 1;
  const last = own.length + neighbour.length - 1;
  const prompts = [...place(own, ids.own), ...place(neighbour, ids.neighbour)];
  const [first, other] = cells.decode(prompts, [ownLast, last]);
  const step: readonly Placed[] = [
    [own[0] ?? 0, own.length, ids.own],
    [neighbour[0] ?? 0, neighbour.length, ids.neighbour],
  ];
  const [second, otherSecond] = cells.decode(step, [0, 1]);
  for (const id of new Set([ids.own, ids.neighbour])) cells.cache.truncate(id, 0);
  const rows = [first, other, second, otherSecond];
  if (!rows.every((row) => row !== undefined)) throw new Error('A row is missing.');
  return { own: [rows[0], rows[2]].filter(isRow), neighbour: [rows[1], rows[3]].filter(isRow) };
}

function isRow(row: Float32Array | undefined): row is Float32Array {
  return row !== undefined;
}

describe.each(['f16', 'q8_0'] as const)('two sequences in one call, keys and values as %s', (cacheType) => {
  const own = tokens(24, 1);
  const ids = { own: 3, neighbour: 9 };

  it('do not see each other: other content of the same shape changes no bit', async () => {
    using cells = await openCells({ contextTokens: 512, cacheType });
    const first = besideNeighbour(cells, own, tokens(17, 2), ids);
    const second = besideNeighbour(cells, own, tokens(17, 3), ids);
    expect(second.own).toEqual(first.own);
    expect(second.neighbour).not.toEqual(first.neighbour);
    expect(first.own.every(isFinite)).toBe(true);
  });

  it('would be seen to: the same check fails where a neighbour’s tokens lie in the sequence', async () => {
    using cells = await openCells({ contextTokens: 512, cacheType });
    const mixed = (seed: number): readonly Float32Array[] => {
      const call = [...place(tokens(17, seed), ids.own), ...place(own, ids.own, 17)];
      const rows = cells.decode(call, [call.length - 1]);
      cells.cache.truncate(ids.own, 0);
      return rows;
    };
    expect(mixed(2)).not.toEqual(mixed(3));
  });

  it('have the same logits whatever ids they go by', async () => {
    using cells = await openCells({ contextTokens: 512, cacheType });
    const neighbour = tokens(17, 2);
    const first = besideNeighbour(cells, own, neighbour, ids);
    for (const permuted of [
      { own: 9, neighbour: 3 },
      { own: 200, neighbour: 1 },
      { own: 1, neighbour: 255 },
    ]) {
      expect(besideNeighbour(cells, own, neighbour, permuted)).toEqual(first);
    }
  });

  it('leave nothing behind for who comes into their cells and ids', async () => {
    using cells = await openCells({ contextTokens: 512, cacheType });
    const neighbour = tokens(17, 2);
    const cold = besideNeighbour(cells, own, neighbour, ids);
    cells.extend(ids.own, tokens(200, 5));
    cells.extend(ids.neighbour, tokens(200, 6));
    cells.cache.truncate(ids.own, 0);
    cells.cache.truncate(ids.neighbour, 0);
    expect(besideNeighbour(cells, own, neighbour, ids)).toEqual(cold);
  });
});

describe('a neighbour whose cells hold values that are not numbers', () => {
  /** A state whose last values are no numbers: 0xFFFF is none as a 16-bit float. The last layer's values come last. */
  const poisoned = (state: Uint8Array): Uint8Array => state.slice().fill(0xff, state.length - 4096);

  it('does not change a bit of the other’s logits', async () => {
    using cells = await openCells({ contextTokens: 512 });
    const own = tokens(24, 1);
    const run = (isPoisoned: boolean): { own: Float32Array; neighbour: Float32Array } => {
      cells.extend(9, tokens(64, 2));
      const state = cells.state.save(9, 0, 64);
      if (state === null) throw new Error('The state cannot be saved.');
      cells.cache.truncate(9, 0);
      cells.extend(3, own);
      if (!cells.state.restore(isPoisoned ? poisoned(state) : state, 9, 0, 64))
        throw new Error('Not restored.');
      const [mine, theirs] = cells.decode(
        [
          [5, own.length, 3],
          [5, 64, 9],
        ],
        [0, 1],
      );
      cells.cache.truncate(3, 0);
      cells.cache.truncate(9, 0);
      if (mine === undefined || theirs === undefined) throw new Error('A row is missing.');
      return { own: mine, neighbour: theirs };
    };
    const healthy = run(false);
    const sick = run(true);
    expect(isFinite(sick.neighbour)).toBe(false);
    expect(sick.own).toEqual(healthy.own);
    // Its cells were given back: who comes into them is well.
    expect(run(false)).toEqual(healthy);
  });
});

const contextTokens = 512;
const { engine, model } = await openModel('smollm2-135m', { contextTokens });

async function prompted(text: string): Promise<Sequence> {
  const sequence = await model.openSequence({ priority: 'interactive' }, unhurried);
  await sequence.append(await model.tokenize(text, { special: false }), unhurried);
  return sequence;
}

const victimText = '1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,';
const victimRequest = requestWith({ maxTokens: 40, alternatives: 2 });

/** The victim's greedy text while something else goes on. */
async function victimBeside(meanwhile: (first: () => Promise<void>) => Promise<unknown>): Promise<Generated> {
  const victim = await prompted(victimText);
  let tell: () => void = () => undefined;
  const hasBegun = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const run = generated(victim, victimRequest, {
    onBatch: () => {
      tell();
    },
  });
  await meanwhile(() => hasBegun);
  const result = await run;
  await victim.dispose();
  return result;
}

describe('whoever decodes beside', () => {
  let alone: Generated;
  beforeAll(async () => {
    alone = await victimBeside(() => Promise.resolve());
    expect(alone.text).toContain('16, 17, 18');
  });

  it('a very long prompt changes nothing but rounding', async () => {
    const beside = await victimBeside(async (begun) => {
      await begun();
      const neighbour = await prompted(longText(50, 5));
      await neighbour.dispose();
    });
    expectSameText(beside.steps, alone.steps);
  });

  it('one that is cancelled in the middle of its prompt changes nothing but rounding', async () => {
    const beside = await victimBeside(async (begun) => {
      const neighbour = await model.openSequence({ priority: 'interactive' }, unhurried);
      const abort = new AbortController();
      const prompt = await model.tokenize(longText(50, 6), { special: false });
      const append = neighbour.append(prompt, abort.signal);
      await begun();
      abort.abort();
      await append.catch(() => undefined);
      await neighbour.dispose();
    });
    expectSameText(beside.steps, alone.steps);
  });

  it('one that fills the context ends itself and nobody else', async () => {
    let neighbourEnd = '';
    const beside = await victimBeside(async () => {
      const neighbour = await model.openSequence({ priority: 'interactive' }, unhurried);
      const prompt = await model.tokenize(longText(100, 7), { special: false });
      await neighbour.append(prompt.slice(0, contextTokens - 120), unhurried);
      // A text under this grammar has no end, so that nothing but the context ends it.
      const request = requestWith({ grammar: String.raw`root ::= [^\x00] root`, maxTokens: 400 });
      neighbourEnd = (await generated(neighbour, request)).end.type;
      await neighbour.dispose();
    });
    expect(neighbourEnd).toBe('contextFull');
    expectSameText(beside.steps, alone.steps);
  });

  it('a secret in one is neither in the text nor in the statistics of another', async () => {
    const statisticsBeside = async (secret: string): Promise<Generated> => {
      const keeper = await prompted(`The secret code is ${secret}. `.repeat(6));
      const [spy, other] = await Promise.all([
        (async () => {
          const sequence = await prompted('The secret code is');
          const result = await generated(sequence, requestWith({ maxTokens: 24, alternatives: 20 }));
          await sequence.dispose();
          return result;
        })(),
        generated(keeper, requestWith({ maxTokens: 24 })),
      ]);
      // The keeper itself does say it, so the secret was there to be taken.
      expect(other.text).toContain(secret);
      await keeper.dispose();
      return spy;
    };
    const first = await statisticsBeside('7391');
    const second = await statisticsBeside('4826');
    expect(first.text).not.toContain('7391');
    expect(second.text).not.toContain('4826');
    expectSameText(second.steps, first.steps);
  });

  it('who comes after it in the same cells says what a cold run says, to the last bit', async () => {
    const ask = async (text: string): Promise<Generated> => {
      const sequence = await model.openSequence({ priority: 'interactive', isReproducible: true }, unhurried);
      await sequence.append(await model.tokenize(text, { special: false }), unhurried);
      const result = await generated(sequence, requestWith({ maxTokens: 24, alternatives: 5 }));
      await sequence.dispose();
      return result;
    };
    const fresh = await loadForTest(engine, requireLocal(model.info).path, {
      contextTokens: contextTokens + 1,
    });
    const cold = await (async () => {
      const sequence = await fresh.openSequence({ priority: 'interactive', isReproducible: true }, unhurried);
      await sequence.append(await fresh.tokenize(victimText, { special: false }), unhurried);
      const result = await generated(sequence, requestWith({ maxTokens: 24, alternatives: 5 }));
      await sequence.dispose();
      return result;
    })();
    await fresh.dispose();
    await ask(longText(50, 8));
    expect(await ask(victimText)).toEqual(cold);
  });
});
