import { CodedError } from '../../../../protocol/codedError.ts';
import type { CacheType } from '../../engine.ts';
import { cacheFormats, cacheTypes } from './cacheType.ts';

/** Share of the memory left beside the weights that an unasked-for context may take. */
const contextShare = 0.5;
/** Contexts are sized in such steps, as llama.cpp pads them. */
const contextStep = 256;
/** A context below this serves nobody; asking for less memory than it takes is refused. */
const leastContextTokens = 2048;

/** A model that is in memory already. */
export interface ModelSize {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface MemoryNeed {
  /** Bytes of the model to load, its vocabulary and copies in the processor's order included. */
  readonly weightsBytes: number;
  /** Buffers of a decode call. */
  readonly workingBytes: number;
  /** Elements of one position; see `cacheElements`. */
  readonly cacheElements: number;
  /** Whether keys and values may be quantized at all. */
  readonly canQuantize: boolean;
  readonly trainingContextTokens: number;
  /** What the caller asked for; 0 lets the memory decide. */
  readonly contextTokens: number;
  /** What the caller asked for; `auto` takes the most exact type that fits. */
  readonly cacheType: CacheType | 'auto';
  /** Free for this model; null where it cannot be known, such as on a GPU, which then refuses by itself. */
  readonly availableBytes: number | null;
  /** What else is in memory: named when it is short. */
  readonly loaded: readonly ModelSize[];
}

export interface ContextFit {
  readonly contextTokens: number;
  readonly cacheType: CacheType;
}

/**
 * KV cells that the context gets, and how they are kept: as many as asked for, at most what the model was trained on,
 * and without a request what half of the remaining memory holds. The first type of `f16`, `q8_0` and `q4_0` in which the
 * requested, or the least useful, context fits; a type that was asked for is taken as it is. Pure. Throws
 * `memory.insufficient` with all sizes, and `model.unsupported` for a type in which the model's heads cannot be kept.
 */
export function fitContext(need: MemoryNeed): ContextFit {
  const { trainingContextTokens, contextTokens, cacheType } = need;
  const most = contextTokens > 0 ? Math.min(contextTokens, trainingContextTokens) : trainingContextTokens;
  const least = contextTokens > 0 ? most : Math.min(leastContextTokens, most);
  const allowed = cacheType === 'auto' ? cacheTypes : [cacheType];
  const types = allowed.filter((type) => need.canQuantize || type === 'f16');
  if (types.length === 0) throw notQuantizable(allowed);
  for (const type of types) {
    const affordable = affordableTokens(need, type);
    if (affordable < least) continue;
    if (contextTokens > 0 || affordable === Infinity) return { contextTokens: most, cacheType: type };
    const share = Math.floor((affordable * contextShare) / contextStep) * contextStep;
    return { contextTokens: Math.max(least, Math.min(most, share)), cacheType: type };
  }
  throw insufficient(need, least, types.at(-1) ?? 'f16');
}

function affordableTokens(need: MemoryNeed, type: CacheType): number {
  if (need.availableBytes === null) return Infinity;
  const restBytes = need.availableBytes - need.weightsBytes - need.workingBytes;
  const perToken = cacheBytesPerToken(need, type);
  if (perToken === 0) return restBytes < 0 ? -1 : Infinity;
  return Math.floor(restBytes / perToken);
}

function cacheBytesPerToken({ cacheElements }: MemoryNeed, type: CacheType): number {
  return cacheElements * cacheFormats[type].elementBytes;
}

function notQuantizable(types: readonly CacheType[]): CodedError {
  return new CodedError(
    'model.unsupported',
    `The model was not loaded: its KV cache cannot be kept as ${types.join(' or ')}, which takes numbers in groups of ` +
      '32, and its attention heads are not made of whole groups.',
    'Set the cache type to auto or f16 in the settings, or choose another model.',
  );
}

function insufficient(need: MemoryNeed, contextTokens: number, cacheType: CacheType): CodedError {
  const { weightsBytes, workingBytes, availableBytes, loaded } = need;
  const cells = contextTokens * cacheBytesPerToken(need, cacheType);
  const total = weightsBytes + workingBytes + cells;
  const fits = Math.floor(affordableTokens(need, cacheType) / contextStep) * contextStep;
  const beside = loaded.map(({ name, sizeBytes }) => `${name} ${inMebibytes(sizeBytes)} MiB`).join(', ');
  return new CodedError(
    'memory.insufficient',
    `The model needs ${inMebibytes(total)} MiB (weights ${inMebibytes(weightsBytes)}, ` +
      `a context of ${contextTokens} tokens in ${cacheType} ${inMebibytes(cells)}, working memory ` +
      `${inMebibytes(workingBytes)}), and ${inMebibytes(Math.max(0, availableBytes ?? 0))} MiB are free` +
      `${beside === '' ? '' : `; loaded are ${beside}`}.`,
    fits >= leastContextTokens
      ? `Lower the context size to ${fits} tokens, or close other programs.`
      : 'Choose a smaller model, or close other programs.',
  );
}

/** As messages name memory: rounded up. */
export function inMebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
