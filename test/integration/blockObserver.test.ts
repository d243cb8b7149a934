import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type BlockObserver,
  type BlockPart,
  noChanges,
  type TextPredictions,
} from '../../lab/observe/blockObservation.ts';
import { openBlockObserver } from '../../lab/observe/llamaBlockObserver.ts';
import { planPruning } from '../../lab/prune/prunePlan.ts';
import { writePrunedModel } from '../../lab/prune/prunedModelWriter.ts';
import { commandLineTrials } from '../../sidecar/cli/commandLineTrials.ts';
import type { TokenId } from '../../sidecar/engine/engine.ts';
import { checkModelFile } from '../../sidecar/gguf/checkModelFile.ts';
import { blockCountOf } from '../../sidecar/gguf/ggufHeader.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';

const signal = new AbortController().signal;
const bundleFolder = join(import.meta.dirname, '../../dist');
const options = { bundleFolder, trials: commandLineTrials(bundleFolder), contextTokens: 512 };
/** Two batches, the last of them not full. */
const text = Array.from({ length: 24 }, (_, n) => `def add_${n}(a, b):\n    return a + b + ${n}\n\n`).join(
  '',
);
let folder = '';
let observer: BlockObserver;
let tokens: readonly TokenId[] = [];
/** Predictions with all blocks. */
let whole: TextPredictions;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entropane-blocks-'));
  observer = await openBlockObserver(await installedModelPath('smollm2-135m'), options, signal);
  tokens = (await observer.model.tokenize(text, { special: false })).slice(0, 160);
  whole = await observer.predict(tokens, noChanges, signal);
});
afterAll(async () => {
  observer.dispose();
  await rm(folder, { recursive: true });
});

/** Predictions of the file that pruning really writes. */
async function predictPruned(droppedBlocks: readonly number[]): Promise<TextPredictions> {
  const source = await installedModelPath('smollm2-135m');
  const blockCount = blockCountOf(await checkModelFile(source)) ?? 0;
  const plan = planPruning({ sha256: 'not looked at', blockCount }, { type: 'drop', blocks: droppedBlocks });
  const path = join(folder, `${droppedBlocks.join('-')}.gguf`);
  await writePrunedModel(source, path, plan, { onProgress: () => undefined }, signal);
  const pruned = await openBlockObserver(path, options, signal);
  try {
    expect(requireLocal(pruned.model.info).blockCount).toBe(blockCount - droppedBlocks.length);
    return await pruned.predict(tokens, noChanges, signal);
  } finally {
    pruned.dispose();
  }
}

const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;

describe('a model whose blocks are observed', () => {
  it('foretells its own text better than chance, and the same twice', async () => {
    const again = await observer.predict(tokens, noChanges, signal);
    expect(whole.lossNats).toHaveLength(tokens.length - 1);
    expect(mean(whole.lossNats)).toBeGreaterThan(0);
    expect(mean(whole.lossNats)).toBeLessThan(Math.log(requireLocal(observer.model.info).vocabularySize) / 4);
    expect(again).toEqual(whole);
  });

  it.each([[[12]], [[0, 5, 6]], [[28, 29]], [[3, 11, 12, 20]]])(
    'without blocks %j predicts what the written file without them predicts',
    async (dropped) => {
      const emulated = await observer.predict(tokens, { dropped }, signal);
      const written = await predictPruned(dropped);
      expect(mean(emulated.lossNats)).toBeCloseTo(mean(written.lossNats), 4);
      expect(emulated.likeliest).toEqual(written.likeliest);
      expect(Math.abs(mean(whole.lossNats) - mean(emulated.lossNats))).toBeGreaterThan(1e-3);
    },
  );

  it('shows states that add up: what a block gives is its feed-forward input and output together', async () => {
    const { hiddenSize, blockCount } = requireLocal(observer.model.info);
    const seen = new Map<string, Float32Array>();
    let order = '';
    const parts: readonly BlockPart[] = ['input', 'feedForwardInput', 'feedForwardOutput', 'output'];
    const wanted = [0, 7, 8, blockCount - 1].flatMap((block) => parts.map((part) => ({ block, part })));
    await observer.observe(
      tokens,
      {
        changes: noChanges,
        parts: wanted,
        visit: (rows) => {
          const key = `${rows.block} ${rows.part}`;
          const all = seen.get(key) ?? new Float32Array(tokens.length * hiddenSize);
          all.set(rows.values, rows.firstToken * hiddenSize);
          seen.set(key, all);
          if (rows.firstToken === 0) order += `${key}, `;
          expect(rows.values).toHaveLength(rows.tokenCount * hiddenSize);
        },
      },
      signal,
    );
    expect(seen.size).toBe(wanted.length);
    expect(order).toContain('7 feedForwardInput, 7 feedForwardOutput, 7 output, 8 input, 8 feedForwardInput');
    const at = (block: number, part: BlockPart): Float32Array =>
      seen.get(`${block} ${part}`) ?? new Float32Array(0);
    expect(at(8, 'input')).toEqual(at(7, 'output'));
    for (const block of [0, 7, blockCount - 1]) {
      const together = at(block, 'feedForwardInput').map(
        (x, i) => x + (at(block, 'feedForwardOutput')[i] ?? 0),
      );
      const output = at(block, 'output');
      const distance = together.reduce((most, x, i) => Math.max(most, Math.abs(x - (output[i] ?? NaN))), 0);
      const size = output.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(distance / size).toBeLessThan(1e-5);
      expect(size).toBeGreaterThan(0);
    }
  });

  it('takes a rewritten feed-forward output for the block’s own', async () => {
    let rewritten = 0;
    const withRewrite = (change: (values: Float32Array) => void) =>
      observer.predict(
        tokens,
        {
          dropped: [],
          rewrites: new Map([
            [
              10,
              (rows) => {
                rewritten += rows.tokenCount;
                change(rows.values);
              },
            ],
          ]),
        },
        signal,
      );
    expect(await withRewrite(() => undefined)).toEqual(whole);
    expect(rewritten).toBe(tokens.length);
    const without = await withRewrite((values) => values.fill(0));
    expect(mean(without.lossNats)).toBeGreaterThan(mean(whole.lossNats));
  });

  it('ends when it is told to, and goes on with the next text', async () => {
    const stop = new AbortController();
    const wish = {
      changes: noChanges,
      parts: [{ block: 3, part: 'output' as const }],
      visit: () => {
        stop.abort();
      },
    };
    await expect(observer.observe(tokens, wish, stop.signal)).rejects.toMatchObject({ code: 'cancelled' });
    expect((await observer.predict(tokens.slice(0, 9), noChanges, signal)).likeliest).toHaveLength(8);
  });

  it('hands on what a visitor throws', async () => {
    const wish = {
      changes: noChanges,
      parts: [{ block: 0, part: 'input' as const }],
      visit: () => {
        throw new RangeError('no more');
      },
    };
    await expect(observer.observe(tokens, wish, signal)).rejects.toBeInstanceOf(RangeError);
  });

  it('refuses a text longer than its context', async () => {
    const long = new Array<TokenId>(513).fill(tokens[0] ?? 0);
    await expect(observer.predict(long, noChanges, signal)).rejects.toMatchObject({
      code: 'context.exceeded',
    });
  });
});
