import { ggmlTypes } from '../../../sidecar/gguf/ggmlTypes.ts';
import type { GgufHeader, GgufTensor, GgufValue } from '../../../sidecar/gguf/ggufHeader.ts';
import { tensorSizeBytes } from '../../../sidecar/gguf/parseGgufHeader.ts';
import { int32ArrayValue, textValue, uint32Value } from './tinyModel.ts';

/** The measures of a transformer that its memory depends on. */
export interface ModelShape {
  readonly blocks: number;
  readonly hidden: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly keyHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  readonly contextTokens: number;
  /** `enum ggml_type` of every matrix. */
  readonly typeId: number;
  /** Experts of each block; 0 for a dense model. */
  readonly experts: number;
}

/** A header as a model of this shape has it: no file is behind it. */
export function shapedHeader(shape: ModelShape): GgufHeader {
  const { blocks, hidden, feedForward, heads, keyHeads, headSize, vocabulary, typeId, experts } = shape;
  const tensors: GgufTensor[] = [];
  let offset = 0;
  const add = (name: string, dimensions: readonly number[]): void => {
    const elementType = ggmlTypes.get(typeId);
    const sizeBytes = elementType === undefined ? null : tensorSizeBytes(dimensions, elementType);
    if (elementType === undefined || sizeBytes === null)
      throw new Error(`no tensor can be ${dimensions.join(' × ')}`);
    tensors.push({ name, shape: dimensions, typeId, elementType, offset, sizeBytes });
    offset += sizeBytes;
  };
  add('token_embd.weight', [hidden, vocabulary]);
  add('output.weight', [hidden, vocabulary]);
  for (let block = 0; block < blocks; block++) {
    add(`blk.${block}.attn_q.weight`, [hidden, heads * headSize]);
    add(`blk.${block}.attn_k.weight`, [hidden, keyHeads * headSize]);
    add(`blk.${block}.attn_v.weight`, [hidden, keyHeads * headSize]);
    add(`blk.${block}.attn_output.weight`, [heads * headSize, hidden]);
    const kind = experts > 0 ? '_exps' : '';
    const count = experts > 0 ? [experts] : [];
    add(`blk.${block}.ffn_gate${kind}.weight`, [hidden, feedForward, ...count]);
    add(`blk.${block}.ffn_up${kind}.weight`, [hidden, feedForward, ...count]);
    add(`blk.${block}.ffn_down${kind}.weight`, [feedForward, hidden, ...count]);
  }
  const metadata = new Map<string, GgufValue>([
    ['general.architecture', textValue('shaped')],
    ['shaped.block_count', uint32Value(blocks)],
    ['shaped.context_length', uint32Value(shape.contextTokens)],
    ['shaped.embedding_length', uint32Value(hidden)],
    ['shaped.feed_forward_length', uint32Value(feedForward)],
    ['shaped.attention.head_count', uint32Value(heads)],
    ['shaped.attention.head_count_kv', uint32Value(keyHeads)],
    ['shaped.attention.key_length', uint32Value(headSize)],
    ['shaped.attention.value_length', uint32Value(headSize)],
    [
      'tokenizer.ggml.tokens',
      { type: 'array', elementType: 'string', count: vocabulary, bytes: new Uint8Array(0) },
    ],
  ]);
  return { version: 3, metadata, tensors, alignment: 32, dataOffset: 0 };
}

/** Mixtral 8x7B in Q4_K: 32 blocks of 8 experts, 26 GB. */
export const mixtralShape: ModelShape = {
  blocks: 32,
  hidden: 4096,
  feedForward: 14_336,
  heads: 32,
  keyHeads: 8,
  headSize: 128,
  vocabulary: 32_000,
  contextTokens: 32_768,
  typeId: 12,
  experts: 8,
};

/** Qwen3 30B-A3B in Q4_K: 48 blocks of 128 small experts, 17 GB. */
export const qwenExpertsShape: ModelShape = {
  blocks: 48,
  hidden: 2048,
  feedForward: 768,
  heads: 32,
  keyHeads: 4,
  headSize: 128,
  vocabulary: 151_936,
  contextTokens: 40_960,
  typeId: 12,
  experts: 128,
};

/** Qwen2.5-Coder 1.5B, every matrix in Q4_K. */
export const denseShape: ModelShape = {
  blocks: 28,
  hidden: 1536,
  feedForward: 8960,
  heads: 12,
  keyHeads: 2,
  headSize: 128,
  vocabulary: 151_936,
  contextTokens: 32_768,
  typeId: 12,
  experts: 0,
};

/** What OpenELM 270M lists by block, from its configuration: `num_query_heads`, `num_kv_heads`, and lengths by `ffn_multipliers`. */
export const openElmBlocks = {
  heads: [12, 12, 12, 12, 12, 16, 16, 16, 16, 16, 16, 16, 20, 20, 20, 20],
  keyHeads: [3, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5],
  feedForward: [
    768, 1024, 1280, 1536, 1792, 2048, 2560, 2816, 3072, 3328, 3584, 3840, 4352, 4608, 4864, 5120,
  ],
} as const;

/** A header with the metadata of OpenELM 270M, whose blocks grow; its tensors are as large in every block. */
export function openElmHeader(): GgufHeader {
  const header = shapedHeader({
    blocks: 16,
    hidden: 1280,
    feedForward: 2560,
    heads: 16,
    keyHeads: 4,
    headSize: 64,
    vocabulary: 32_000,
    contextTokens: 2048,
    typeId: 1,
    experts: 0,
  });
  return withMetadata(header, {
    'shaped.attention.head_count': int32ArrayValue(openElmBlocks.heads),
    'shaped.attention.head_count_kv': int32ArrayValue(openElmBlocks.keyHeads),
    'shaped.feed_forward_length': int32ArrayValue(openElmBlocks.feedForward),
  });
}

/** The header with other values under some of its keys. */
export function withMetadata(header: GgufHeader, values: Readonly<Record<string, GgufValue>>): GgufHeader {
  return { ...header, metadata: new Map([...header.metadata, ...Object.entries(values)]) };
}
