import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../../../protocol/codedError.ts';
import { fitContext, type MemoryNeed } from '../../../../../../sidecar/engine/llama/loading/memoryFit.ts';

const mebibyte = 2 ** 20;
/** Shape of a 0.5B model: 6,144 elements, and so 12 KiB a token in 16-bit floats. */
const need: MemoryNeed = {
  weightsBytes: 470 * mebibyte,
  workingBytes: 256 * mebibyte,
  cacheElements: 6144,
  canQuantize: true,
  trainingContextTokens: 32_768,
  contextTokens: 0,
  cacheType: 'auto',
  availableBytes: 16_384 * mebibyte,
  loaded: [],
};

function refusal(changes: Partial<MemoryNeed>): CodedError {
  try {
    fitContext({ ...need, ...changes });
  } catch (thrown) {
    if (thrown instanceof CodedError) return thrown;
  }
  throw new Error('It was not refused.');
}

describe('fitContext', () => {
  it('takes the training context in full precision where memory is plenty', () => {
    expect(fitContext(need)).toEqual({ contextTokens: 32_768, cacheType: 'f16' });
  });

  it('takes half of what is left where it is not', () => {
    // 1000 MiB less weights and working memory leave 274 MiB, half of it 11,690 tokens, in steps of 256.
    const fit = fitContext({ ...need, availableBytes: 1000 * mebibyte });
    expect(fit).toEqual({ contextTokens: 11_520, cacheType: 'f16' });
  });

  it('grants a wish up to the training context', () => {
    expect(fitContext({ ...need, contextTokens: 4096 }).contextTokens).toBe(4096);
    expect(fitContext({ ...need, contextTokens: 100_000 }).contextTokens).toBe(32_768);
  });

  it('quantizes the cache as little as a wish needs', () => {
    // 32,768 tokens take 384 MiB in f16, 204 in q8_0 and 108 in q4_0, beside 726 MiB.
    const wish = { ...need, contextTokens: 32_768 };
    expect(fitContext({ ...wish, availableBytes: 1120 * mebibyte }).cacheType).toBe('f16');
    expect(fitContext({ ...wish, availableBytes: 1100 * mebibyte }).cacheType).toBe('q8_0');
    expect(fitContext({ ...wish, availableBytes: 900 * mebibyte }).cacheType).toBe('q4_0');
    expect(refusal({ contextTokens: 32_768, availableBytes: 830 * mebibyte }).code).toBe(
      'memory.insufficient',
    );
  });

  it('quantizes the cache before it refuses a useful context', () => {
    // 2,048 tokens: 24 MiB, 12.75 or 6.75.
    expect(fitContext({ ...need, availableBytes: 741 * mebibyte })).toEqual({
      contextTokens: 2048,
      cacheType: 'q8_0',
    });
    expect(fitContext({ ...need, availableBytes: 735 * mebibyte }).cacheType).toBe('q4_0');
    expect(refusal({ availableBytes: 730 * mebibyte }).code).toBe('memory.insufficient');
  });

  it('takes the type that was asked for and none below it', () => {
    expect(fitContext({ ...need, cacheType: 'q8_0' }).cacheType).toBe('q8_0');
    const wish = { cacheType: 'f16', contextTokens: 32_768, availableBytes: 1100 * mebibyte } as const;
    expect(refusal(wish).code).toBe('memory.insufficient');
  });

  it('leaves a cache that cannot be quantized as it is, and refuses to do otherwise', () => {
    expect(fitContext({ ...need, cacheType: 'f16', canQuantize: false }).cacheType).toBe('f16');
    const quantized = refusal({ cacheType: 'q4_0', canQuantize: false });
    expect(quantized.code).toBe('model.unsupported');
    expect(quantized.message).toContain('q4_0');
    // Short of memory, `auto` has nothing else to take.
    expect(fitContext({ ...need, canQuantize: false }).cacheType).toBe('f16');
    expect(refusal({ canQuantize: false, availableBytes: 735 * mebibyte }).code).toBe('memory.insufficient');
  });

  it('refuses what does not fit with all sizes, and the context that would', () => {
    const error = refusal({
      cacheType: 'f16',
      contextTokens: 32_768,
      availableBytes: 1000 * mebibyte,
      loaded: [{ name: 'other', sizeBytes: 321 * mebibyte }],
    });
    expect(error.code).toBe('memory.insufficient');
    for (const size of ['1110', '470', '384', '256', '1000', 'other 321'])
      expect(error.message).toContain(size);
    expect(error.remedy).toContain('23296');
  });

  it('refuses weights that do not fit', () => {
    expect(refusal({ availableBytes: 400 * mebibyte }).remedy).toContain('smaller model');
  });

  it('leaves the decision to a device whose memory is unknown', () => {
    expect(fitContext({ ...need, availableBytes: Infinity })).toEqual({
      contextTokens: 32_768,
      cacheType: 'f16',
    });
  });
});
