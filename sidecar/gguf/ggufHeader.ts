import type { GgmlType } from './ggmlTypes.ts';

/** Numbers that fit a double exactly; 64-bit integers are `bigint`. */
export type GgufNumberType =
  'uint8' | 'int8' | 'uint16' | 'int16' | 'uint32' | 'int32' | 'float32' | 'float64';
export type GgufBigIntType = 'uint64' | 'int64';
export type GgufElementType = GgufNumberType | GgufBigIntType | 'bool' | 'string';

/**
 * A metadata value. Strings and arrays stay as the file's bytes, so that a vocabulary of 150,000 tokens costs no
 * objects and writing a value back loses nothing (token texts need not be valid UTF-8).
 */
export type GgufValue =
  | { readonly type: GgufNumberType; readonly value: number }
  | { readonly type: GgufBigIntType; readonly value: bigint }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly bytes: Uint8Array }
  | GgufArray;

/** `bytes` holds `count` encoded elements, little-endian; strings carry their own length prefix. */
export interface GgufArray {
  readonly type: 'array';
  readonly elementType: GgufElementType;
  readonly count: number;
  readonly bytes: Uint8Array;
}

export interface GgufTensor {
  readonly name: string;
  /** Elements per dimension, fastest first; one to four of them. */
  readonly shape: readonly number[];
  readonly typeId: number;
  readonly elementType: GgmlType;
  /** From the start of the tensor data. */
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Everything in a GGUF file before its tensor data. */
export interface GgufHeader {
  readonly version: 2 | 3;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** In file order, which is also the order of their data. */
  readonly tensors: readonly GgufTensor[];
  /** Tensor data and each tensor in it start at multiples of this. A power of two. */
  readonly alignment: number;
  /** Where tensor data starts in the file. */
  readonly dataOffset: number;
}

/** Element types with their codes in the file (`enum gguf_type`) and encoded bytes; null where the length varies. */
export const ggufElementTypes: readonly {
  readonly type: GgufElementType;
  readonly code: number;
  readonly bytes: number | null;
}[] = [
  { type: 'uint8', code: 0, bytes: 1 },
  { type: 'int8', code: 1, bytes: 1 },
  { type: 'uint16', code: 2, bytes: 2 },
  { type: 'int16', code: 3, bytes: 2 },
  { type: 'uint32', code: 4, bytes: 4 },
  { type: 'int32', code: 5, bytes: 4 },
  { type: 'float32', code: 6, bytes: 4 },
  { type: 'bool', code: 7, bytes: 1 },
  { type: 'string', code: 8, bytes: null },
  { type: 'uint64', code: 10, bytes: 8 },
  { type: 'int64', code: 11, bytes: 8 },
  { type: 'float64', code: 12, bytes: 8 },
];
/** The code that says "array of …" in front of an element type's code. */
export const ggufArrayCode = 9;

/** Alignment of a file that does not state one in `general.alignment`. */
export const defaultAlignment = 32;

/** The string under `key`, invalid UTF-8 replaced; null when absent or of another type. */
export function metadataText(header: GgufHeader, key: string): string | null {
  const value = header.metadata.get(key);
  return value?.type === 'string' ? Buffer.from(value.bytes).toString('utf8') : null;
}

/** The number under `key`, whatever its width; null when absent, of another type, or beyond 2^53. */
export function metadataNumber(header: GgufHeader, key: string): number | null {
  const value = header.metadata.get(key);
  if (value === undefined || value.type === 'string' || value.type === 'array' || value.type === 'bool')
    return null;
  const number = Number(value.value);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : null;
}

/** Model architecture such as `qwen2`, which prefixes the keys of its hyperparameters; null for other files. */
export function architectureOf(header: GgufHeader): string | null {
  return metadataText(header, 'general.architecture');
}

/** Transformer blocks the header claims; null when it claims none. */
export function blockCountOf(header: GgufHeader): number | null {
  const architecture = architectureOf(header);
  return architecture === null ? null : metadataNumber(header, `${architecture}.block_count`);
}

/** Weights of a model: the elements of its tensors, but for the output matrix, which some files of tied models have and others not. */
export function weightCountOf({ tensors }: Pick<GgufHeader, 'tensors'>): number {
  return tensors
    .filter(({ name }) => name !== 'output.weight')
    .reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}

/** The next multiple of `alignment`, a power of two, at or above `offset`. */
export function alignUp(offset: number, alignment: number): number {
  return Math.ceil(offset / alignment) * alignment;
}
