import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import {
  cacheBytesPerToken,
  fitContext,
  type MemoryNeed,
} from '../../../../sidecar/engine/llama/memoryFit.ts';
import type { GgufHeader, GgufValue } from '../../../../sidecar/gguf/ggufHeader.ts';
import { textValue, uint32Value } from '../../../support/tinyModel.ts';

const mebibyte = 2 ** 20;
/** Shape of a 0.5B model: 12 KiB a token. */
const need: MemoryNeed = {
  weightsBytes: 470 * mebibyte,
  cacheBytesPerToken: 12 * 1024,
  trainingContextTokens: 32_768,
  contextTokens: 0,
  availableBytes: 16_384 * mebibyte,
};

function headerOf(values: Readonly<Record<string, GgufValue>>): GgufHeader {
  return {
    version: 3,
    metadata: new Map(Object.entries({ 'general.architecture': textValue('qwen2'), ...values })),
    tensors: [],
    alignment: 32,
    dataOffset: 0,
  };
}

describe('fitContext', () => {
  it('takes the training context where memory is plenty', () => {
    expect(fitContext(need)).toBe(32_768);
  });

  it('takes half of what is left where it is not', () => {
    // 1000 MiB less weights and working memory leave 274 MiB, half of it 11,690 tokens, in steps of 256.
    expect(fitContext({ ...need, availableBytes: 1000 * mebibyte })).toBe(11_520);
  });

  it('grants a wish up to the training context', () => {
    expect(fitContext({ ...need, contextTokens: 4096 })).toBe(4096);
    expect(fitContext({ ...need, contextTokens: 100_000 })).toBe(32_768);
  });

  it('refuses what does not fit, with the context that would', () => {
    const error = (() => {
      try {
        return fitContext({ ...need, contextTokens: 32_768, availableBytes: 1000 * mebibyte });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(CodedError);
    expect(error).toMatchObject({ code: 'memory.insufficient' });
    expect((error as CodedError).remedy).toMatch(/23296/);
  });

  it('refuses weights that do not fit', () => {
    expect(() => fitContext({ ...need, availableBytes: 400 * mebibyte })).toThrow(CodedError);
  });

  it('leaves the decision to a GPU whose memory is unknown', () => {
    expect(fitContext({ ...need, availableBytes: null })).toBe(32_768);
  });
});

describe('cacheBytesPerToken', () => {
  it('counts keys and values of every block', () => {
    const header = headerOf({
      'qwen2.block_count': uint32Value(24),
      'qwen2.embedding_length': uint32Value(896),
      'qwen2.attention.head_count': uint32Value(14),
      'qwen2.attention.head_count_kv': uint32Value(2),
    });
    expect(cacheBytesPerToken(header)).toBe(24 * 2 * (64 + 64) * 2);
  });

  it('uses the head sizes that a header states', () => {
    const header = headerOf({
      'qwen2.block_count': uint32Value(2),
      'qwen2.embedding_length': uint32Value(1024),
      'qwen2.attention.head_count': uint32Value(16),
      'qwen2.attention.key_length': uint32Value(128),
      'qwen2.attention.value_length': uint32Value(96),
    });
    expect(cacheBytesPerToken(header)).toBe(2 * 16 * (128 + 96) * 2);
  });
});
