import { CodedError } from '../../protocol/codedError.ts';
import {
  architectureOf,
  ggufElementTypes,
  type GgufArray,
  type GgufElementType,
  type GgufHeader,
  type GgufValue,
} from './ggufHeader.ts';

/** The numbers of a header that memory is planned by: whole, and within what models can have. */
export interface ModelMeasures {
  readonly blocks: number;
  readonly contextTokens: number;
  /** Numbers of one position between two blocks; 0 where the header does not say. */
  readonly hidden: number;
  readonly vocabulary: number;
  /** Key heads of each block. */
  readonly keyHeads: readonly number[];
  /** Width of each block's feed-forward part. */
  readonly feedForward: readonly number[];
  /** Numbers of one key of one head. */
  readonly keySize: number;
  readonly valueSize: number;
}

/** What files that do not say were trained on: llama.cpp's old default. */
const defaultContextTokens = 2048;

/**
 * The most that a header may claim. Each is many times what any published model has (in parentheses), and small enough
 * that products of them stay finite, though not exact, and that a list with a number for each block is short.
 */
const most = {
  /** (126, Llama 3.1 405B) */
  blocks: 1024,
  /** (10 Mi, Llama 4 Scout) */
  contextTokens: 2 ** 27,
  /** (18,432) */
  hidden: 2 ** 17,
  /** (262,144) */
  vocabulary: 2 ** 24,
  /** (128) */
  heads: 4096,
  /** (65,536) */
  feedForward: 2 ** 20,
  /** (576, with latent attention) */
  headSize: 2 ** 16,
} as const;

/**
 * Reads the measures of a model from its header; heads and feed-forward lengths one a block, as models whose blocks differ
 * list them. `name` is for messages. Pure. Throws `model.unreadable` for a number that is not whole, negative, or more
 * than any model has.
 */
export function measuresOf(header: GgufHeader, name = 'The model file'): ModelMeasures {
  const architecture = architectureOf(header) ?? '';
  const reader = new MeasureReader(header, name);
  const key = (end: string): string => `${architecture}.${end}`;
  const blocks = reader.number(key('block_count'), { least: 0, most: most.blocks }) ?? 0;
  const contextTokens = reader.number(key('context_length'), { least: 1, most: most.contextTokens });
  const hidden = reader.number(key('embedding_length'), { least: 1, most: most.hidden }) ?? 0;
  // Blocks without attention or feed-forward part say 0.
  const heads = reader.perBlock(key('attention.head_count'), blocks, most.heads) ?? filled(blocks, 1);
  const keyHeads = reader.perBlock(key('attention.head_count_kv'), blocks, most.heads) ?? heads;
  const feedForward = reader.perBlock(key('feed_forward_length'), blocks, most.feedForward);
  const attending = heads.find((count) => count > 0);
  const headSize = attending === undefined ? 0 : Math.floor(hidden / attending);
  const sizes = { least: 0, most: most.headSize };
  return {
    blocks,
    contextTokens: contextTokens ?? defaultContextTokens,
    hidden,
    vocabulary: reader.vocabulary(),
    keyHeads,
    feedForward: feedForward ?? filled(blocks, 4 * hidden),
    keySize: reader.number(key('attention.key_length'), sizes) ?? headSize,
    valueSize: reader.number(key('attention.value_length'), sizes) ?? headSize,
  };
}

function filled(count: number, value: number): readonly number[] {
  return Array.from({ length: count }, () => value);
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

class MeasureReader {
  readonly #header: GgufHeader;
  readonly #name: string;

  constructor(header: GgufHeader, name: string) {
    this.#header = header;
    this.#name = name;
  }

  /** Null where the header does not say. */
  number(key: string, bounds: Bounds): number | null {
    const value = this.#header.metadata.get(key);
    return value === undefined ? null : this.#whole(key, scalarOf(value), bounds);
  }

  /** One number for all blocks, or a list with one for each; null where the header does not say. */
  perBlock(key: string, blocks: number, mostEach: number): readonly number[] | null {
    const value = this.#header.metadata.get(key);
    const bounds = { least: 0, most: mostEach };
    if (value?.type !== 'array') {
      const number = this.number(key, bounds);
      return number === null ? null : filled(blocks, number);
    }
    if (value.count < blocks) throw this.#wrong(`${key} lists ${value.count} numbers for ${blocks} blocks`);
    const numbers = firstNumbers(value, blocks);
    if (numbers === null) throw this.#wrong(`${key} is a list of ${value.elementType}`);
    return numbers.map((number) => this.#whole(key, number, bounds));
  }

  vocabulary(): number {
    const key = 'tokenizer.ggml.tokens';
    const tokens = this.#header.metadata.get(key);
    const count = tokens?.type === 'array' ? tokens.count : 0;
    return this.#whole(`the length of ${key}`, count, { least: 0, most: most.vocabulary });
  }

  #whole(key: string, number: number, bounds: Bounds): number {
    if (Number.isInteger(number) && number >= bounds.least && number <= bounds.most) return number;
    const found = Number.isNaN(number) ? 'not a number' : String(number);
    throw this.#wrong(`${key} is ${found}, and can be a whole number from ${bounds.least} to ${bounds.most}`);
  }

  #wrong(what: string): CodedError {
    return new CodedError(
      'model.unreadable',
      `${this.#name} is damaged: ${what}. It cannot be loaded.`,
      'Download the model again, or choose another one.',
    );
  }
}

/** NaN for what is not one number. */
function scalarOf(value: GgufValue): number {
  const isNumber = value.type !== 'string' && value.type !== 'array' && value.type !== 'bool';
  return isNumber ? Number(value.value) : NaN;
}

/** The first so many elements of a list of numbers; null for a list of anything else, or one that is cut off. */
function firstNumbers({ elementType, bytes }: GgufArray, count: number): readonly number[] | null {
  const width = ggufElementTypes.find(({ type }) => type === elementType)?.bytes ?? null;
  const read = readers[elementType];
  if (width === null || read === undefined || bytes.byteLength < count * width) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => read(view, index * width));
}

/** How one element is read, of the types that are numbers. */
const readers: Readonly<Partial<Record<GgufElementType, (view: DataView, at: number) => number>>> = {
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  uint16: (view, at) => view.getUint16(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
};
