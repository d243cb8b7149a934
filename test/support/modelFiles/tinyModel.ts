import { encodeGgufHeader } from '../../../lab/prune/encodeGgufHeader.ts';
import { ggmlTypes } from '../../../sidecar/gguf/ggmlTypes.ts';
import { alignUp, type GgufValue } from '../../../sidecar/gguf/ggufHeader.ts';
import { tensorSizeBytes } from '../../../sidecar/gguf/parseGgufHeader.ts';

export const textValue = (value: string): GgufValue => ({
  type: 'string',
  bytes: new TextEncoder().encode(value),
});

export function textsValue(texts: readonly string[]): GgufValue {
  const parts = texts.flatMap((text) => {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.byteLength));
    return [length, bytes];
  });
  return {
    type: 'array',
    elementType: 'string',
    count: texts.length,
    bytes: new Uint8Array(Buffer.concat(parts)),
  };
}

export const uint32Value = (value: number): GgufValue => ({ type: 'uint32', value });

export function int32ArrayValue(values: readonly number[]): GgufValue {
  return {
    type: 'array',
    elementType: 'int32',
    count: values.length,
    bytes: new Uint8Array(Int32Array.from(values).buffer),
  };
}

/** Hyperparameters of a four-block llama whose tensors are a few bytes each; it cannot generate. */
export const tinyModelMetadata: ReadonlyMap<string, GgufValue> = new Map<string, GgufValue>([
  ['general.architecture', textValue('llama')],
  ['general.name', textValue('Tiny')],
  ['llama.block_count', uint32Value(4)],
  ['llama.embedding_length', uint32Value(32)],
  ['llama.rope.freq_base', { type: 'float32', value: 10_000 }],
  ['tokenizer.ggml.model', textValue('gpt2')],
]);

interface TinyTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly typeId: number;
  readonly data: Uint8Array;
}

/** A tensor whose bytes all hold `fill`, so that a test can tell where its data went. */
export function tinyTensor(name: string, shape: readonly number[], typeId: number, fill: number): TinyTensor {
  const type = ggmlTypes.get(typeId);
  const sizeBytes = type === undefined ? null : tensorSizeBytes(shape, type);
  if (sizeBytes === null) throw new Error(`no tensor can be ${shape.join(' × ')} of type ${typeId}`);
  return { name, shape, typeId, data: new Uint8Array(sizeBytes).fill(fill) };
}

/** Two tensors per block, in two types, filled with 16 × block + 1 and + 2; embeddings hold 255, the norm 254. */
export function tinyTensors(blockCount: number): readonly TinyTensor[] {
  const blocks = Array.from({ length: blockCount }, (_, block) => [
    tinyTensor(`blk.${block}.attn_q.weight`, [32, 3], 2, 16 * block + 1),
    tinyTensor(`blk.${block}.attn_norm.weight`, [5], 0, 16 * block + 2),
  ]);
  return [
    tinyTensor('token_embd.weight', [32, 7], 8, 255),
    ...blocks.flat(),
    tinyTensor('output_norm.weight', [5], 0, 254),
  ];
}

/** A whole GGUF file. `base` replaces the metadata, `metadata` adds to it. */
export function tinyModelBytes(options: {
  readonly base?: ReadonlyMap<string, GgufValue>;
  readonly metadata?: ReadonlyMap<string, GgufValue>;
  readonly tensors?: readonly TinyTensor[];
}): Uint8Array {
  const metadata = new Map([...(options.base ?? tinyModelMetadata), ...(options.metadata ?? [])]);
  const tensors = options.tensors ?? tinyTensors(4);
  const alignment = 32;
  const header = encodeGgufHeader({
    version: 3,
    metadata,
    tensors: tensors.map((tensor) => ({ ...tensor, sizeBytes: tensor.data.byteLength })),
    alignment,
  });
  const padded = tensors.map((tensor) => {
    const bytes = new Uint8Array(alignUp(tensor.data.byteLength, alignment));
    bytes.set(tensor.data);
    return bytes;
  });
  return Buffer.concat([header, ...padded]);
}
