import type { GgufHeader, GgufTensor } from '../../../gguf/ggufHeader.ts';
import { measuresOf } from '../../../gguf/modelMeasures.ts';
import type { CacheType } from '../../engine.ts';
import { cacheFormats } from './cacheType.ts';

/** The part of a context that decides what it takes. */
export interface ContextShape {
  readonly contextTokens: number;
  readonly cacheType: CacheType;
  /** Tokens in one decode call. */
  readonly batchTokens: number;
  /** Rows of logits in one decode call. */
  readonly outputRows: number;
}

/** What a model with its context takes, in bytes. The peak: a full context, and a call that uses every row. */
export interface MemoryPrediction {
  /** Weights as they lie in the file. */
  readonly weightsBytes: number;
  /** Weights that stay mapped from the file, so that the system counts them as free; 0 where they are read. */
  readonly mappedBytes: number;
  /** Weights in the order that the processor multiplies fastest, beside those that stay as they are. */
  readonly repackedBytes: number;
  readonly vocabularyBytes: number;
  /** All three of them, as far as they are in memory. */
  readonly modelBytes: number;
  readonly cacheBytes: number;
  /** Buffers of a decode call. */
  readonly workingBytes: number;
  readonly totalBytes: number;
}

/** Names of ggml's buffer types for reordered weights, as `extraBufferNames` gives them. */
export type ExtraBuffers = readonly string[];

/** Text, merges and tables per token, measured on vocabularies of 49,152 and 151,936 tokens. */
const vocabularyBytesPerToken = 330;
/** The graph and the thread's own heap beside everything else, measured in processes that loaded nothing before. */
const fixedBytes = 16 * 2 ** 20;
const floatBytes = 4;
/** Sizes of one position's masks and of activations of a token. */
const maskBytes = 2;

/**
 * What loading a model will take, from its header alone; within 10 % of what is measured (see the integration test).
 * Pure. `extraBuffers` decides which weights are copied into another order. Throws `model.unreadable` for numbers that no
 * model can have, as everything here that reads measures does.
 */
export function predictMemory(
  header: GgufHeader,
  shape: ContextShape,
  extraBuffers: ExtraBuffers,
): MemoryPrediction {
  const weights = predictWeights(header, extraBuffers);
  const cacheBytes = shape.contextTokens * cacheElements(header) * cacheFormats[shape.cacheType].elementBytes;
  const vocabularyBytes = measuresOf(header).vocabulary * vocabularyBytesPerToken;
  const workingBytes = predictWorking(header, shape);
  const { residentBytes, ...weightParts } = weights;
  const modelBytes = residentBytes + vocabularyBytes;
  const totalBytes = modelBytes + cacheBytes + workingBytes;
  return { ...weightParts, vocabularyBytes, modelBytes, cacheBytes, workingBytes, totalBytes };
}

/** Share of the weights from which on reordered copies make it worth to read the file instead of mapping it. */
const worthReadingShare = 0.1;

/**
 * Whether the weights are better mapped from the file than read. Mapped pages cost nothing that the system could not
 * take back, and are shared by processes; but those of weights that are copied into another order are dead, and stay.
 */
export function isBetterMapped(header: GgufHeader, extraBuffers: ExtraBuffers): boolean {
  const { weightsBytes, sourceBytes } = repackedWeights(header, extraBuffers);
  return sourceBytes < worthReadingShare * weightsBytes;
}

/**
 * Elements of keys and values of one position over all blocks, from the header; models with fewer key heads in some
 * blocks list them per block. An upper bound for models whose blocks share their cache.
 */
export function cacheElements(header: GgufHeader): number {
  const { keyHeads, keySize, valueSize } = measuresOf(header);
  return keyHeads.reduce((sum, heads) => sum + heads, 0) * (keySize + valueSize);
}

/** Whether keys and values may be quantized: ggml does so in groups of 32 elements of a head. */
export function canQuantizeCache(header: GgufHeader): boolean {
  const { keySize, valueSize } = measuresOf(header);
  return keySize % 32 === 0 && valueSize % 32 === 0;
}

/** What the header says the model was trained on; files that do not say get llama.cpp's old default. */
export function trainingContextOf(header: GgufHeader): number {
  return measuresOf(header).contextTokens;
}

/**
 * Buffers of one decode call: llama.cpp lays the graph of a prompt and that of the logits over each other, and keeps
 * a copy of the logits for its caller.
 */
function predictWorking(
  header: GgufHeader,
  { contextTokens, batchTokens, outputRows }: ContextShape,
): number {
  const { hidden, vocabulary, feedForward } = measuresOf(header);
  const widest = Math.max(0, ...feedForward);
  const logitsBytes = outputRows * vocabulary * floatBytes;
  const promptBytes =
    batchTokens * (2 * widest + 3 * hidden) * floatBytes + contextTokens * batchTokens * maskBytes;
  const rowsBytes = (batchTokens + outputRows) * hidden * floatBytes;
  return Math.max(promptBytes, logitsBytes + rowsBytes) + logitsBytes + fixedBytes;
}

interface WeightsNeed {
  readonly weightsBytes: number;
  readonly mappedBytes: number;
  readonly repackedBytes: number;
  /** What of both is in memory. */
  readonly residentBytes: number;
}

function predictWeights(header: GgufHeader, extraBuffers: ExtraBuffers): WeightsNeed {
  const { weightsBytes, sourceBytes, repackedBytes, mappedBytes } = repackedWeights(header, extraBuffers);
  if (isBetterMapped(header, extraBuffers)) {
    return { weightsBytes, mappedBytes, repackedBytes, residentBytes: mappedBytes + repackedBytes };
  }
  const residentBytes = weightsBytes - sourceBytes + repackedBytes;
  return { weightsBytes, mappedBytes: 0, repackedBytes, residentBytes };
}

/** Which weights are reordered: their bytes in the file and afterwards, and what of the file stays in use around them. */
function repackedWeights(header: GgufHeader, extraBuffers: ExtraBuffers) {
  const { tensors } = header;
  const isTied = !tensors.some(({ name }) => name === 'output.weight');
  let weightsBytes = 0;
  let sourceBytes = 0;
  let repackedBytes = 0;
  let firstUsed = Infinity;
  let lastUsed = 0;
  for (const tensor of tensors) {
    weightsBytes += tensor.sizeBytes;
    const isEmbedding = tensor.name === 'token_embd.weight';
    const copyBytes = isEmbedding && !isTied ? null : repackedSize(tensor, extraBuffers);
    if (copyBytes !== null) repackedBytes += copyBytes;
    // Embeddings are looked up row by row in the file's order, also where a copy of them computes the logits.
    if (copyBytes !== null && !isEmbedding) {
      sourceBytes += tensor.sizeBytes;
      continue;
    }
    firstUsed = Math.min(firstUsed, tensor.offset);
    lastUsed = Math.max(lastUsed, tensor.offset + tensor.sizeBytes);
  }
  return { weightsBytes, sourceBytes, repackedBytes, mappedBytes: Math.max(0, lastUsed - firstUsed) };
}

/** Bytes that AMX tiles take of one block of a type, from `get_row_size` in `ggml-cpu/amx/mmq.cpp`. */
const amxBlockBytes: Readonly<Record<string, number>> = {
  Q4_0: 18,
  Q4_1: 20,
  Q8_0: 38,
  Q4_K: 148,
  Q5_K: 180,
  Q6_K: 210,
  IQ4_XS: 138,
};
/** Types that `ggml-cpu/repack.cpp` interleaves, on every processor that does so at all, and on ARM besides. */
const interleavedTypes: readonly string[] = ['Q4_0', 'Q4_K', 'Q2_K', 'IQ4_NL'];

/** Bytes of a weight in the processor's own order; null where it stays as it is. */
function repackedSize(
  { shape, elementType, sizeBytes }: GgufTensor,
  extraBuffers: ExtraBuffers,
): number | null {
  const [, rows] = shape;
  if (rows === undefined) return null;
  const amxBytes = amxBlockBytes[elementType.name];
  if (extraBuffers.includes('AMX') && amxBytes !== undefined && shape.length === 2 && rows % 32 === 0) {
    return (sizeBytes / elementType.blockBytes) * amxBytes;
  }
  const isInterleaved =
    extraBuffers.includes('CPU_REPACK') && interleavedTypes.includes(elementType.name) && rows % 8 === 0;
  return isInterleaved ? sizeBytes : null;
}
