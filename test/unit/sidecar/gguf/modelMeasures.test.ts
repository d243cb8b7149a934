import { describe, expect, it } from 'vitest';
import type { GgufValue } from '../../../../sidecar/gguf/ggufHeader.ts';
import { measuresOf } from '../../../../sidecar/gguf/modelMeasures.ts';
import {
  denseShape,
  openElmBlocks,
  openElmHeader,
  shapedHeader,
  withMetadata,
} from '../../../support/modelFiles/shapedHeader.ts';
import {
  int32ArrayValue,
  textsValue,
  textValue,
  uint32Value,
} from '../../../support/modelFiles/tinyModel.ts';

const dense = shapedHeader(denseShape);

function changed(key: string, value: GgufValue) {
  return withMetadata(dense, { [`shaped.${key}`]: value });
}

/** The code of what reading throws, or null. */
function failureOf(key: string, value: GgufValue): unknown {
  try {
    measuresOf(changed(key, value));
    return null;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? thrown.code : thrown;
  }
}

describe('measuresOf', () => {
  it('reads one number for all blocks', () => {
    expect(measuresOf(dense)).toEqual({
      blocks: 28,
      contextTokens: 32_768,
      hidden: 1536,
      vocabulary: 151_936,
      keyHeads: Array.from({ length: 28 }, () => 2),
      feedForward: Array.from({ length: 28 }, () => 8960),
      keySize: 128,
      valueSize: 128,
    });
  });

  it('reads one number for each block', () => {
    const { keyHeads, feedForward, keySize } = measuresOf(openElmHeader());
    expect(keyHeads).toEqual(openElmBlocks.keyHeads);
    expect(feedForward).toEqual(openElmBlocks.feedForward);
    expect(keySize).toBe(64);
  });

  it('takes the heads for key heads, and the size of a head from the first block that has some', () => {
    const metadata = new Map(openElmHeader().metadata);
    for (const key of ['head_count_kv', 'key_length', 'value_length'])
      metadata.delete(`shaped.attention.${key}`);
    metadata.set('shaped.attention.head_count', int32ArrayValue([0, 0, ...openElmBlocks.heads.slice(2)]));
    const { keyHeads, keySize } = measuresOf({ ...openElmHeader(), metadata });
    expect(keyHeads).toEqual([0, 0, ...openElmBlocks.heads.slice(2)]);
    // 1280 over 12 heads.
    expect(keySize).toBe(106);
  });

  const wrong: readonly (readonly [string, string, GgufValue])[] = [
    ['billions of blocks', 'block_count', uint32Value(0xffff_ffff)],
    ['a block more than any model has', 'block_count', uint32Value(1025)],
    ['half a block', 'block_count', { type: 'float32', value: 1.5 }],
    ['fewer blocks than none', 'block_count', { type: 'int32', value: -1 }],
    ['blocks in words', 'block_count', textValue('24')],
    ['more than a number can say', 'context_length', { type: 'uint64', value: 1n << 60n }],
    ['no context', 'context_length', uint32Value(0)],
    ['a width that is not a number', 'embedding_length', { type: 'float64', value: NaN }],
    ['an endless width', 'feed_forward_length', { type: 'float32', value: Infinity }],
    ['heads without number', 'attention.head_count', uint32Value(2 ** 31)],
    [
      'a negative head in a list',
      'attention.head_count_kv',
      int32ArrayValue(Array.from({ length: 28 }, () => -1)),
    ],
    ['a list for fewer blocks', 'attention.head_count', int32ArrayValue([1, 2, 3])],
    ['a list of texts', 'feed_forward_length', textsValue(Array.from({ length: 28 }, () => '8960'))],
    ['huge heads', 'attention.key_length', uint32Value(2 ** 20)],
  ];
  it.each(wrong)('refuses %s', (_what, key, value) => {
    expect(failureOf(key, value)).toBe('model.unreadable');
  });
});
