import { CodedError } from '../../../protocol/codedError.ts';
import { architectureOf, blockCountOf, metadataNumber, type GgufHeader } from '../../gguf/ggufHeader.ts';

/** Bytes of a KV cache element: the engine keeps keys and values as 16-bit floats. */
const cacheElementBytes = 2;
/** Compute buffers and rows of logits beside weights and cache, from measured loads of models up to 2B. */
const workingBytes = 256 * 2 ** 20;
/** Share of the memory left beside the weights that an unasked-for context may take. */
const contextShare = 0.5;
/** Contexts are sized in such steps, as llama.cpp pads them. */
const contextStep = 256;
/** A context below this serves nobody; asking for less memory than it takes is refused. */
const leastContextTokens = 2048;

export interface MemoryNeed {
  readonly weightsBytes: number;
  readonly cacheBytesPerToken: number;
  readonly trainingContextTokens: number;
  /** What the caller asked for; 0 lets the memory decide. */
  readonly contextTokens: number;
  /** Free for this process; null where it cannot be known, such as on a GPU, which then refuses by itself. */
  readonly availableBytes: number | null;
}

/**
 * KV cells the context gets: as many as asked for, at most what the model was trained on, and without a wish what
 * half of the remaining memory holds. Pure. Throws `memory.insufficient` with the sizes.
 */
export function fitContext(need: MemoryNeed): number {
  const { weightsBytes, cacheBytesPerToken, trainingContextTokens, availableBytes } = need;
  const wish = need.contextTokens > 0 ? need.contextTokens : trainingContextTokens;
  const most = Math.min(wish, trainingContextTokens);
  if (availableBytes === null) return most;
  const restBytes = availableBytes - weightsBytes - workingBytes;
  const affordable = Math.floor(restBytes / cacheBytesPerToken);
  if (need.contextTokens > 0) {
    if (affordable < most) throw insufficient(need, most, affordable);
    return most;
  }
  const share = Math.floor((affordable * contextShare) / contextStep) * contextStep;
  const least = Math.min(leastContextTokens, most);
  if (affordable < least) throw insufficient(need, least, affordable);
  return Math.max(least, Math.min(most, share));
}

/**
 * Bytes of keys and values of one position over all blocks, from the header; models with fewer key heads in some
 * blocks list them per block. An upper bound for models whose blocks share their cache.
 */
export function cacheBytesPerToken(header: GgufHeader): number {
  const architecture = architectureOf(header) ?? '';
  const number = (key: string): number | null => metadataNumber(header, `${architecture}.${key}`);
  const blocks = blockCountOf(header) ?? 0;
  const heads = number('attention.head_count') ?? 1;
  const headSize = (number('embedding_length') ?? 0) / heads;
  const keySize = number('attention.key_length') ?? headSize;
  const valueSize = number('attention.value_length') ?? headSize;
  const keyHeads = number('attention.head_count_kv') ?? heads;
  return blocks * keyHeads * (keySize + valueSize) * cacheElementBytes;
}

function insufficient(need: MemoryNeed, contextTokens: number, affordable: number): CodedError {
  const cacheBytes = contextTokens * need.cacheBytesPerToken;
  const total = need.weightsBytes + workingBytes + cacheBytes;
  const fits = Math.floor(affordable / contextStep) * contextStep;
  return new CodedError(
    'memory.insufficient',
    `The model needs ${inMebibytes(total)} MiB (weights ${inMebibytes(need.weightsBytes)}, ` +
      `a context of ${contextTokens} tokens ${inMebibytes(cacheBytes)}, working memory ` +
      `${inMebibytes(workingBytes)}), and ${inMebibytes(need.availableBytes ?? 0)} MiB are free.`,
    fits >= leastContextTokens
      ? `Lower the context size to ${fits} tokens, or close other programs.`
      : 'Choose a smaller model, or close other programs.',
  );
}

function inMebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
