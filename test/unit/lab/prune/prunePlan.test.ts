import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BlockSelection,
  checkDroppedBlocks,
  evenlySpacedBlocks,
  planPruning,
} from '../../../../lab/prune/prunePlan.ts';
import { CodedError } from '../../../../protocol/codedError.ts';

const droppedOf24 = (selection: BlockSelection) =>
  planPruning({ sha256: 'abc', blockCount: 24 }, selection).droppedBlocks;

describe('planPruning', () => {
  it('keeps the blocks a user lists out of the model, in order and once', () => {
    expect(planPruning({ sha256: 'abc', blockCount: 24 }, { type: 'drop', blocks: [12, 11, 12] })).toEqual({
      sourceSha256: 'abc',
      blockCount: 24,
      droppedBlocks: [11, 12],
      choice: { type: 'listed' },
    });
  });

  it('keeps evenly spaced blocks for a share or a speed-up', () => {
    // 24 × .75 = 18 kept at steps of 23/17: rounding leaves out these six.
    expect(droppedOf24({ type: 'keepRatio', ratio: 0.75 })).toEqual([2, 6, 10, 13, 17, 21]);
    // 24 / 2 = 12 kept at steps of 23/11.
    expect(droppedOf24({ type: 'speedup', factor: 2 })).toEqual([1, 3, 5, 7, 9, 11, 12, 14, 16, 18, 20, 22]);
  });

  it.each<[string, BlockSelection]>([
    ['drops all', { type: 'drop', blocks: Array.from({ length: 24 }, (_, n) => n) }],
    ['drops none', { type: 'drop', blocks: [] }],
    ['names a block beyond the last', { type: 'drop', blocks: [24] }],
    ['names a block before the first', { type: 'drop', blocks: [-1] }],
    ['names half a block', { type: 'drop', blocks: [1.5] }],
    ['keeps everything', { type: 'keepRatio', ratio: 0.99 }],
    ['keeps everything', { type: 'speedup', factor: 1 }],
  ])('refuses a selection that %s', (_, selection) => {
    expect(() => droppedOf24(selection)).toThrow(CodedError);
    expect(() => droppedOf24(selection)).toThrow(expect.objectContaining({ code: 'plan.invalid' }));
  });

  it('never leaves an empty model, whatever is asked', () => {
    const selection = fc.oneof(
      fc.record({
        type: fc.constant('keepRatio' as const),
        ratio: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({
        type: fc.constant('speedup' as const),
        factor: fc.double({ min: 1, max: 100, noNaN: true }),
      }),
      fc.record({ type: fc.constant('drop' as const), blocks: fc.array(fc.integer({ min: -2, max: 50 })) }),
    );
    fc.assert(
      fc.property(selection, fc.integer({ min: 1, max: 48 }), (asked, blockCount) => {
        try {
          const { droppedBlocks } = planPruning({ sha256: '', blockCount }, asked);
          expect(checkDroppedBlocks(droppedBlocks, blockCount)).toEqual(droppedBlocks);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'plan.invalid' });
        }
      }),
    );
  });
});

describe('evenlySpacedBlocks', () => {
  it('keeps first and last and as many as asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100 }), fc.nat(98), (blockCount, more) => {
        const kept = Math.min(blockCount, 2 + more);
        const blocks = evenlySpacedBlocks(blockCount, kept);
        expect(blocks).toHaveLength(kept);
        expect(blocks[0]).toBe(0);
        expect(blocks.at(-1)).toBe(blockCount - 1);
      }),
    );
  });
});
