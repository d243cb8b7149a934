import { describe, expect, it } from 'vitest';
import { predictMemory } from '../../../../sidecar/engine/llama/loading/memoryNeed.ts';
import type { GgufHeader, GgufTensor, GgufValue } from '../../../../sidecar/gguf/ggufHeader.ts';
import { measuresOf } from '../../../../sidecar/gguf/modelMeasures.ts';
import { headerOfShape, workOfHeader } from '../../../../sidecar/modelHosting/modelWork.ts';
import { findInCatalogue } from '../../../../sidecar/models/catalogue.ts';

function tensor(name: string, rows: number): GgufTensor {
  const elementType = { name: 'F16', blockElements: 1, blockBytes: 2 };
  return { name, shape: [10, rows], typeId: 1, elementType, offset: 0, sizeBytes: 20 * rows };
}

function header(tensors: readonly GgufTensor[], numbers: Readonly<Record<string, number>> = {}): GgufHeader {
  const metadata: readonly (readonly [string, GgufValue])[] = [
    ['general.architecture', { type: 'string', bytes: new TextEncoder().encode('moe') }],
    ...Object.entries(numbers).map(([key, value]) => [`moe.${key}`, { type: 'uint32', value }] as const),
  ];
  return {
    version: 3,
    metadata: new Map(metadata),
    tensors,
    alignment: 32,
    dataOffset: 0,
  };
}

describe('the work of a file', () => {
  it('reads all but the embeddings, where the output has weights of its own', () => {
    const blocks = [tensor('blk.0.attn_q.weight', 5), tensor('blk.1.ffn_up.weight', 7)];
    const tied = workOfHeader(header([tensor('token_embd.weight', 100), ...blocks]));
    expect(tied).toEqual({ bytesPerStep: 20 * 112, weightsPerPromptToken: 120, weights: 1_120 });
    const own = workOfHeader(
      header([tensor('token_embd.weight', 100), ...blocks, tensor('output.weight', 100)]),
    );
    expect(own).toEqual({ bytesPerStep: 20 * 112, weightsPerPromptToken: 120, weights: 2_120 });
  });

  it('counts of a mixture the experts that a token uses', () => {
    const tensors = [tensor('blk.0.attn_q.weight', 5), tensor('blk.0.ffn_up_exps.weight', 80)];
    const work = workOfHeader(header(tensors, { expert_count: 8, expert_used_count: 2 }));
    expect(work).toEqual({ bytesPerStep: 20 * 25, weightsPerPromptToken: 250, weights: 850 });
  });
});

describe('a header of a shape', () => {
  it('has the measures that memory is predicted from', () => {
    const shape = findInCatalogue('qwen2.5-coder-7b')?.shape;
    if (shape === undefined || shape === null) throw new Error('It has a shape.');
    const made = headerOfShape(shape, 4.7e9);
    const { blocks, hidden, vocabulary, keyHeads, keySize, valueSize, feedForward } = measuresOf(made);
    expect({ blocks, hidden, vocabulary, keySize, valueSize }).toEqual({
      blocks: 28,
      hidden: 3_584,
      vocabulary: 152_064,
      keySize: 128,
      valueSize: 128,
    });
    expect([keyHeads[0], feedForward[0]]).toEqual([4, 18_944]);
    const context = { contextTokens: 4_096, cacheType: 'f16', batchTokens: 512, outputRows: 128 } as const;
    const { weightsBytes, cacheBytes } = predictMemory(made, context, []);
    expect(weightsBytes).toBe(4.7e9);
    expect(cacheBytes).toBe(4_096 * 28 * 4 * 256 * 2);
  });
});
