import { describe, expect, it } from 'vitest';
import {
  cacheElements,
  canQuantizeCache,
  isBetterMapped,
  predictMemory,
} from '../../../../../../sidecar/engine/llama/loading/memoryNeed.ts';
import {
  denseShape,
  openElmBlocks,
  openElmHeader,
  shapedHeader,
  withMetadata,
} from '../../../../../support/modelFiles/shapedHeader.ts';
import { int32ArrayValue } from '../../../../../support/modelFiles/tinyModel.ts';

const header = shapedHeader(denseShape);
const shape = { contextTokens: 4096, cacheType: 'f16', batchTokens: 512, outputRows: 128 } as const;
const embeddingBytes = (151_936 * 1536 * 144) / 256;

describe('predictMemory', () => {
  it('counts the weights once where they are used as they lie in the file', () => {
    const need = predictMemory(header, shape, []);
    expect(need.repackedBytes).toBe(0);
    expect(need.mappedBytes).toBe(need.weightsBytes);
    expect(need.modelBytes).toBe(need.weightsBytes + need.vocabularyBytes);
    expect(need.totalBytes).toBe(need.modelBytes + need.cacheBytes + need.workingBytes);
  });

  it('counts copies in the order of the processor instead of those in the file', () => {
    const plain = predictMemory(header, shape, []);
    const interleaved = predictMemory(header, shape, ['CPU_REPACK']);
    // Embeddings are looked up as they are; everything else is copied, and as large as before.
    expect(interleaved.repackedBytes).toBe(plain.weightsBytes - embeddingBytes);
    expect(interleaved.mappedBytes).toBe(0);
    expect(interleaved.modelBytes).toBe(plain.modelBytes);
    const tiles = predictMemory(header, shape, ['AMX', 'CPU_REPACK']);
    expect(tiles.repackedBytes).toBeCloseTo((interleaved.repackedBytes * 148) / 144, 0);
  });

  it('counts embeddings twice that serve as output matrix too and are copied for it', () => {
    const tensors = header.tensors.filter(({ name }) => name !== 'output.weight');
    const tied = { ...header, tensors };
    const weightsBytes = tensors.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const need = predictMemory(tied, shape, ['CPU_REPACK']);
    expect(need.repackedBytes).toBe(weightsBytes);
    expect(need.modelBytes).toBe(weightsBytes + embeddingBytes + need.vocabularyBytes);
  });

  it('follows length and type of the cache', () => {
    const perToken = 28 * 2 * 2 * 128;
    expect(predictMemory(header, shape, []).cacheBytes).toBe(4096 * perToken * 2);
    expect(predictMemory(header, { ...shape, cacheType: 'q8_0' }, []).cacheBytes).toBe(
      (4096 * perToken * 34) / 32,
    );
    expect(predictMemory(header, { ...shape, cacheType: 'q4_0' }, []).cacheBytes).toBe(
      (4096 * perToken * 18) / 32,
    );
  });

  it('follows the rows of logits, which are there twice', () => {
    const few = predictMemory(header, { ...shape, outputRows: 1 }, []).workingBytes;
    const many = predictMemory(header, { ...shape, outputRows: 513 }, []).workingBytes;
    expect(many - few).toBeGreaterThan(512 * 151_936 * 4);
    expect(many - few).toBeLessThan(2 * 512 * 151_936 * 4);
  });
});

describe('isBetterMapped', () => {
  it('maps weights that stay as they are, and reads those that are copied', () => {
    expect(isBetterMapped(header, [])).toBe(true);
    expect(isBetterMapped(header, ['CPU_REPACK'])).toBe(false);
    const exact = shapedHeader({ ...denseShape, typeId: 1 });
    expect(isBetterMapped(exact, ['AMX', 'CPU_REPACK'])).toBe(true);
  });
});

describe('the cache of a header', () => {
  it('holds keys and values of every block', () => {
    expect(cacheElements(header)).toBe(28 * 2 * (128 + 128));
  });

  it('can be quantized where heads are made of whole groups', () => {
    expect(canQuantizeCache(header)).toBe(true);
    expect(canQuantizeCache(shapedHeader({ ...denseShape, headSize: 80, typeId: 1 }))).toBe(false);
  });
});

describe('a model whose blocks differ', () => {
  const layerwise = openElmHeader();

  it('keeps keys and values of as many heads as each block has', () => {
    // 5 × 3 + 7 × 4 + 4 × 5 heads, keys and values of 64 numbers.
    expect(cacheElements(layerwise)).toBe(63 * (64 + 64));
    expect(predictMemory(layerwise, { ...shape, contextTokens: 2048 }, []).cacheBytes).toBe(33_030_144);
    expect(canQuantizeCache(layerwise)).toBe(true);
  });

  it('computes in buffers as wide as its widest block', () => {
    const lengths = int32ArrayValue([...openElmBlocks.feedForward.slice(0, -1), 6400]);
    const wide = withMetadata(layerwise, { 'shaped.feed_forward_length': lengths });
    // 512 × (2 × 6400 + 3 × 1280) × 4 of a prompt, 2048 × 512 × 2 of its mask, 128 × 32,000 × 4 of logits, 16 MiB.
    expect(predictMemory(wide, { ...shape, contextTokens: 2048 }, []).workingBytes).toBe(
      34_078_720 + 2_097_152 + 16_384_000 + 16_777_216,
    );
  });
});
