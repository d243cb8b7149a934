import { beforeAll, describe, expect, it } from 'vitest';
import { foldMap } from '../../../../lab/prune/foldMap.ts';
import { healBlocks, healingPlaces } from '../../../../lab/prune/healBlocks.ts';
import { HealingFit, mapRows } from '../../../../lab/prune/healingFit.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';
import { kernelBytes } from '../../../support/engine/kernelBytes.ts';
import { LinearModel } from '../../../support/engine/linearModel.ts';

let wasm: Uint8Array<ArrayBuffer>;
const never = new AbortController().signal;

beforeAll(async () => {
  wasm = await kernelBytes('transposedProduct');
});

const tokensFrom = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => first + i);
const noise = (count: number, stream: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => uniformAt(9, stream, i) - 0.5);

const task = (dropped: readonly number[]) => ({
  dropped,
  fitting: [tokensFrom(0, 40), tokensFrom(100, 31)],
  judging: [tokensFrom(200, 20)],
  wasm,
  onProgress: () => undefined,
});

describe('healingPlaces', () => {
  it('are the last kept blocks before each run, and what the run ended with', () => {
    expect(healingPlaces([3, 7, 8, 9, 12])).toEqual([
      { block: 2, target: 3 },
      { block: 6, target: 9 },
      { block: 11, target: 12 },
    ]);
  });

  it('are none before the first block', () => {
    expect(healingPlaces([0, 1, 5])).toEqual([{ block: 4, target: 5 }]);
    expect(healingPlaces([])).toEqual([]);
  });
});

describe('HealingFit', () => {
  it('sums as its definition says, each token weighted by one over the square of its target', () => {
    const fit = new HealingFit(wasm, 2);
    fit.add({
      // Two tokens; the second has a target five times as long.
      feedForwardOutput: Float32Array.of(1, 2, 3, -1),
      feedForwardInput: Float32Array.of(0, 0, 10, 10),
      target: Float32Array.of(3, 4, 15, 20),
      tokenCount: 2,
    });
    const { gram, cross, targetPower } = fit.sums();
    // Weights 1/25 and 1/625; rows missing (3, 4) and (5, 10).
    const close = (found: Float64Array, wanted: readonly number[]): void => {
      for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 6);
    };
    close(gram, [1 / 25 + 9 / 625, 2 / 25 - 3 / 625, 2 / 25 - 3 / 625, 4 / 25 + 1 / 625]);
    close(cross, [3 / 25 + 15 / 625, 4 / 25 + 30 / 625, 6 / 25 - 5 / 625, 8 / 25 - 10 / 625]);
    expect(targetPower).toBeCloseTo(25 / 25 + 125 / 625, 6);
  });

  it('passes over tokens whose target is nothing', () => {
    const fit = new HealingFit(wasm, 1);
    const rows = { feedForwardOutput: Float32Array.of(1), feedForwardInput: Float32Array.of(1) };
    fit.add({ ...rows, target: Float32Array.of(0), tokenCount: 1 });
    expect(fit.sums()).toMatchObject({ targetPower: 0, gram: Float64Array.of(0) });
  });
});

describe('a fitted map', () => {
  it('does to rows what its folded weights do', () => {
    const [size, rowElements, tokenCount] = [12, 520, 70];
    const values = noise(size * size, 1);
    const weights = Float32Array.from(noise(size * rowElements, 2));
    const inputs = noise(tokenCount * rowElements, 3);
    const apply = (matrix: Float32Array): Float32Array =>
      Float32Array.from({ length: tokenCount * size }, (_, i) => {
        const [token, row] = [Math.floor(i / size), i % size];
        let sum = 0;
        for (let k = 0; k < rowElements; k++) {
          sum += (matrix[row * rowElements + k] ?? 0) * (inputs[token * rowElements + k] ?? 0);
        }
        return sum;
      });
    const rows = { block: 0, part: 'feedForwardOutput' as const, firstToken: 0, tokenCount };
    const mapped = apply(weights);
    mapRows(wasm, size, values)({ ...rows, values: mapped });
    const folded = apply(foldMap(wasm, { size, values }, weights, rowElements));
    const worst = Math.max(...mapped.map((value, i) => Math.abs(value - (folded[i] ?? NaN))));
    expect(worst).toBeLessThan(1e-4);
    expect(Math.max(...mapped)).toBeGreaterThan(0.5);
  });
});

describe('healBlocks', () => {
  it('makes up for dropped blocks that a linear map can make up for, run after run', async () => {
    const model = new LinearModel({ size: 6, blockCount: 8 });
    const dropped = [2, 3, 6];
    const healed = await healBlocks(model, task(dropped), never);
    expect(healed.map(({ block, target }) => [block, target])).toEqual([
      [1, 3],
      [5, 6],
    ]);
    const unseen = tokensFrom(500, 10);
    const rewrites = new Map(healed.map(({ block, map }) => [block, mapRows(wasm, 6, map.values)]));
    const whole = await model.outputs(unseen, { dropped: [] });
    const error = (outputs: Float32Array): number => {
      const gap = outputs.reduce((sum, value, i) => sum + (value - (whole[i] ?? NaN)) ** 2, 0);
      return gap / whole.reduce((sum, value) => sum + value ** 2, 0);
    };
    expect(error(await model.outputs(unseen, { dropped }))).toBeGreaterThan(0.1);
    expect(error(await model.outputs(unseen, { dropped, rewrites }))).toBeLessThan(1e-3);
  });

  it('reads each text no further than the block it is fitted to', async () => {
    const model = new LinearModel({ size: 3, blockCount: 8 });
    await healBlocks(model, task([2, 3]), never);
    expect(Math.max(...model.reads.map(({ lastBlock }) => lastBlock))).toBe(3);
  });

  it('gives the same map again, and tells how far it is up to the whole', async () => {
    const run = async () => {
      const shares: number[] = [];
      const onProgress = (share: number) => shares.push(share);
      const options = { ...task([1, 3]), onProgress };
      const healed = await healBlocks(new LinearModel({ size: 5, blockCount: 5 }), options, never);
      return { healed, shares };
    };
    const first = await run();
    expect(await run()).toEqual(first);
    expect(first.shares.at(-1)).toBe(1);
    expect(first.shares).toEqual(first.shares.toSorted((a, b) => a - b));
  });

  it('refuses a model that scales what it adds', async () => {
    const model = new LinearModel({ size: 3, blockCount: 4, gain: 0.5 });
    await expect(healBlocks(model, task([2]), never)).rejects.toMatchObject({ code: 'model.unsupported' });
  });

  it('ends when it is stopped', async () => {
    const stop = new AbortController();
    const onProgress = (share: number) => {
      if (share > 0.3) stop.abort();
    };
    const options = { ...task([2]), onProgress };
    const model = new LinearModel({ size: 3, blockCount: 4 });
    await expect(healBlocks(model, options, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
