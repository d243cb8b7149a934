import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureInfluence, sumOfDistances } from '../../../../lab/prune/blockInfluence.ts';
import { allowedBlocks, chooseByInfluence, chooseByLoss } from '../../../../lab/prune/chooseBlocks.ts';
import { plainTexts, rotatingBlocks } from '../../../support/engine/rotatingBlocks.ts';

const signal = new AbortController().signal;
const options = { count: 2, rules: { maxRun: 4 }, onProgress: () => undefined };

describe('influence', () => {
  test('is one less the cosine: nothing for what only scales, one for a right angle, two for a reversal', () => {
    const before = Float32Array.from([1, 0, 1, 0, 1, 0]);
    expect(sumOfDistances(before, Float32Array.from([5, 0, 0, 2, -3, 0]), 2)).toBeCloseTo(0 + 1 + 2);
  });

  test('counts a state without length as unchanged', () => {
    expect(sumOfDistances(new Float32Array(2), Float32Array.from([1, 1]), 2)).toBe(0);
  });

  test('of each block is that of its own turn, and none of one that is left out', async () => {
    const observer = rotatingBlocks({ angles: [0.3, 0.1, 0.5], lossNats: () => 1 });
    let tokens = 0;
    const influence = await measureInfluence(
      observer,
      plainTexts(4, 3),
      {
        dropped: [1],
        onText: (count) => {
          tokens += count;
        },
      },
      signal,
    );
    expect(influence[0]).toBeCloseTo(1 - Math.cos(0.3));
    expect(influence[1]).toBeNaN();
    expect(influence[2]).toBeCloseTo(1 - Math.cos(0.5));
    expect(tokens).toBe(7);
  });
});

describe('which blocks may go', () => {
  test('never the first, never the last, and no long run', () => {
    expect(allowedBlocks(6, [], { maxRun: 2 })).toEqual([1, 2, 3, 4]);
    expect(allowedBlocks(6, [2], { maxRun: 2 })).toEqual([1, 3, 4]);
    expect(allowedBlocks(6, [1, 2], { maxRun: 2 })).toEqual([4]);
    expect(allowedBlocks(7, [1, 2, 5], { maxRun: 2 })).toEqual([4]);
    expect(allowedBlocks(7, [2, 4], { maxRun: 2 })).toEqual([1, 5]);
  });

  test('no allowed block makes a run longer than the rule', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 18 })),
        fc.integer({ min: 1, max: 5 }),
        (blockCount, dropped, maxRun) => {
          for (const block of allowedBlocks(blockCount, dropped, { maxRun })) {
            expect(dropped).not.toContain(block);
            const out = new Set([...dropped, block]);
            let from = block;
            while (out.has(from - 1)) from -= 1;
            let to = block;
            while (out.has(to + 1)) to += 1;
            expect(to - from + 1).toBeLessThanOrEqual(maxRun);
          }
        },
      ),
    );
  });
});

describe('choosing by influence', () => {
  test('takes the blocks that turn least, in that order', async () => {
    const observer = rotatingBlocks({ angles: [0, 0.4, 0.1, 0.3, 0.2, 0], lossNats: () => 1 });
    const chosen = await chooseByInfluence(observer, plainTexts(5), options, signal);
    expect(chosen.dropped).toEqual([2, 4]);
    expect(chosen.scores[3]).toBeCloseTo(1 - Math.cos(0.3));
    expect(chosen.scores).toHaveLength(6);
  });

  test('refuses more than the rules allow', async () => {
    const observer = rotatingBlocks({ angles: [0, 1, 1, 0], lossNats: () => 1 });
    const wish = { ...options, rules: { maxRun: 1 } };
    await expect(chooseByInfluence(observer, plainTexts(5), wish, signal)).rejects.toMatchObject({
      code: 'plan.invalid',
    });
  });
});

describe('choosing by loss', () => {
  const angles = Array.from({ length: 10 }, () => 0.2);

  test('takes what costs least, however little it turns', async () => {
    const costs = [9, 0.5, 0.2, 0.7, 0.6, 0.1, 0.8, 0.4, 0.3, 9];
    const lossNats = (dropped: readonly number[]): number =>
      2 + dropped.reduce((sum, block) => sum + (costs[block] ?? 0), 0);
    const chosen = await chooseByLoss(
      rotatingBlocks({ angles, lossNats }),
      plainTexts(40, 60),
      options,
      signal,
    );
    expect(chosen.dropped).toEqual([5, 2]);
    expect(chosen.scores[5]).toBeCloseTo(0.1);
    expect(chosen.scores[0]).toBeNull();
  });

  test('sees that two blocks which are cheap alone cost much together', async () => {
    const lossNats = (dropped: readonly number[]): number => {
      const isOut = (block: number): boolean => dropped.includes(block);
      return (
        2 +
        (isOut(4) ? 0.1 : 0) +
        (isOut(5) ? 0.2 : 0) +
        (isOut(4) && isOut(5) ? 3 : 0) +
        (isOut(7) ? 0.4 : 0) +
        [1, 2, 3, 6, 8].filter(isOut).length
      );
    };
    const chosen = await chooseByLoss(rotatingBlocks({ angles, lossNats }), plainTexts(50), options, signal);
    expect(chosen.dropped).toEqual([4, 7]);
  });

  test('tells how far it is, and gets to about the end', async () => {
    let done = 0;
    let last = 0;
    const onProgress = (tokens: number, total: number): void => {
      done += tokens;
      last = total;
    };
    const texts = plainTexts(...Array.from({ length: 40 }, () => 50));
    await chooseByLoss(
      rotatingBlocks({ angles, lossNats: () => 2 }),
      texts,
      { ...options, onProgress },
      signal,
    );
    expect(done / last).toBeGreaterThan(0.8);
    expect(done / last).toBeLessThan(1.3);
  });
});
