import {
  architectureOf,
  defaultAlignment,
  type GgufHeader,
  type GgufTensor,
  type GgufValue,
  metadataNumber,
} from '../gguf/ggufHeader.ts';
import type { ModelShape, ModelWork } from '../models/modelShape.ts';

const expertTensor = /_(?:ch)?exps\./u;
const blockTensor = /^blk\./u;

/** What the tensors of a file say of a model's size. */
export interface MeasuredWeights extends ModelWork {
  readonly weights: number;
}

/** The work of a step and of a prompt's token, exactly, from the tensors of a file. Pure. */
export function workOfHeader(header: GgufHeader): MeasuredWeights {
  const architecture = architectureOf(header) ?? '';
  const experts = metadataNumber(header, `${architecture}.expert_count`) ?? 0;
  const used = metadataNumber(header, `${architecture}.expert_used_count`) ?? 0;
  const expertShare = experts > 0 ? Math.min(1, used / experts) : 1;
  // Embeddings are looked up, a row for a token; where no output has weights of its own they compute the logits too.
  const hasOutput = header.tensors.some(({ name }) => name === 'output.weight');
  let [bytesPerStep, weightsPerPromptToken, weights] = [0, 0, 0];
  for (const tensor of header.tensors) {
    const share = expertTensor.test(tensor.name) ? expertShare : 1;
    const count = elementsOf(tensor);
    weights += count;
    if (tensor.name !== 'token_embd.weight' || !hasOutput) bytesPerStep += share * tensor.sizeBytes;
    if (blockTensor.test(tensor.name)) weightsPerPromptToken += share * count;
  }
  return { bytesPerStep, weightsPerPromptToken, weights };
}

function elementsOf({ shape }: GgufTensor): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Weights of one byte each, in no order that a processor would change. */
const bytes = { typeId: 24, elementType: { name: 'I8', blockElements: 1, blockBytes: 1 } } as const;

/** A header as a file of this shape would have it, as far as memory is predicted from it. Pure. */
export function headerOfShape(shape: ModelShape, fileBytes: number): GgufHeader {
  const architecture = 'shape';
  const numbers = {
    block_count: shape.blocks,
    context_length: shape.contextTokens,
    embedding_length: shape.hidden,
    feed_forward_length: shape.feedForward,
    'attention.head_count_kv': shape.keyHeads,
    'attention.key_length': shape.headSize,
    'attention.value_length': shape.headSize,
  };
  const metadata: readonly (readonly [string, GgufValue])[] = [
    ['general.architecture', { type: 'string', bytes: new TextEncoder().encode(architecture) }],
    [
      'tokenizer.ggml.tokens',
      { type: 'array', elementType: 'string', count: shape.vocabulary, bytes: new Uint8Array() },
    ],
    ...Object.entries(numbers).map(
      ([key, value]) => [`${architecture}.${key}`, { type: 'uint32', value }] as const,
    ),
  ];
  const sizeBytes = Math.round(fileBytes);
  return {
    version: 3,
    metadata: new Map(metadata),
    tensors: [{ name: 'output.weight', shape: [sizeBytes], ...bytes, offset: 0, sizeBytes }],
    alignment: defaultAlignment,
    dataOffset: 0,
  };
}
