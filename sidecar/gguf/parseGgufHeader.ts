import { CodedError } from '../../protocol/codedError.ts';
import type { GgmlType } from './ggmlTypes.ts';
import { ggmlTypes } from './ggmlTypes.ts';
import type { GgufArray, GgufElementType, GgufHeader, GgufTensor, GgufValue } from './ggufHeader.ts';
import { alignUp, defaultAlignment, ggufArrayCode, ggufElementTypes } from './ggufHeader.ts';

/** What is known of the file besides the bytes at hand. */
export interface GgufFileFacts {
  /** For messages only. */
  readonly name: string;
  readonly sizeBytes: number;
}

export type GgufParse =
  | { readonly type: 'parsed'; readonly header: GgufHeader }
  /** The header goes on after the bytes at hand: try again with at least this many from the file's start. */
  | { readonly type: 'needsMore'; readonly bytes: number };

/** Far above any model's, low enough that a hostile count cannot fill memory. */
const maxMetadataKeys = 65_536;
const maxTensors = 262_144;
const maxDimensions = 4;
/** llama.cpp keeps tensor names in 64 bytes, the closing zero included. */
const maxTensorNameBytes = 63;

const elementTypesByCode = new Map(ggufElementTypes.map((element) => [element.code, element]));
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a GGUF v2 or v3 header from `bytes`, the first part of a file. Pure. Arrays and strings in the result are
 * views of `bytes`. Every length is compared with the file's size before it is followed, tensor data included, so
 * a cut-off file differs from a corrupt one. Throws `model.unreadable`.
 */
export function parseGgufHeader(bytes: Uint8Array, file: GgufFileFacts): GgufParse {
  try {
    return { type: 'parsed', header: parseHeader(new HeaderCursor(bytes, file)) };
  } catch (thrown) {
    if (thrown instanceof NeedsMore) return { type: 'needsMore', bytes: thrown.bytes };
    throw thrown;
  }
}

/** Leaves the parser when the bytes at hand end before the header does. Never crosses this file's boundary. */
class NeedsMore extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super('the header goes on');
    this.bytes = bytes;
  }
}

/** Reads little-endian values one after another; knows the difference between "not read yet" and "not in the file". */
class HeaderCursor {
  readonly file: GgufFileFacts;
  offset = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, file: GgufFileFacts) {
    this.file = file;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Takes `count` bytes as a view. */
  take(count: number): Uint8Array {
    const start = this.#advance(count);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, count);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** An unsigned 64-bit length, count or offset; anything beyond 2^53 cannot be one of this file. */
  length(what: string): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.corrupt(`${what} is ${value.toString()}`);
    return Number(value);
  }

  scalar(type: Exclude<GgufElementType, 'string'>): GgufValue {
    const view = this.#view;
    switch (type) {
      case 'uint8':
        return { type, value: view.getUint8(this.#advance(1)) };
      case 'int8':
        return { type, value: view.getInt8(this.#advance(1)) };
      case 'uint16':
        return { type, value: view.getUint16(this.#advance(2), true) };
      case 'int16':
        return { type, value: view.getInt16(this.#advance(2), true) };
      case 'uint32':
        return { type, value: view.getUint32(this.#advance(4), true) };
      case 'int32':
        return { type, value: view.getInt32(this.#advance(4), true) };
      case 'float32':
        return { type, value: view.getFloat32(this.#advance(4), true) };
      case 'bool':
        return { type, value: view.getUint8(this.#advance(1)) !== 0 };
      case 'uint64':
        return { type, value: view.getBigUint64(this.#advance(8), true) };
      case 'int64':
        return { type, value: view.getBigInt64(this.#advance(8), true) };
      case 'float64':
        return { type, value: view.getFloat64(this.#advance(8), true) };
    }
  }

  /** Refuses a count of items that the rest of the file could not hold even at their smallest. */
  expectRoomFor(count: number, smallestBytes: number): void {
    if (count * smallestBytes > this.file.sizeBytes - this.offset) throw this.truncated();
  }

  corrupt(detail: string): CodedError {
    return unreadable(this.file, `is damaged: ${detail}`);
  }

  truncated(): CodedError {
    return unreadable(this.file, 'ends inside its header, so it was cut off or is damaged');
  }

  #advance(count: number): number {
    const start = this.offset;
    const end = start + count;
    if (end > this.file.sizeBytes) throw this.truncated();
    if (end > this.#bytes.byteLength) throw new NeedsMore(end);
    this.offset = end;
    return start;
  }
}

function parseHeader(cursor: HeaderCursor): GgufHeader {
  const version = parseVersion(cursor);
  const tensorCount = cursor.length('the tensor count');
  const keyCount = cursor.length('the metadata count');
  if (tensorCount > maxTensors) throw cursor.corrupt(`it claims ${tensorCount} tensors`);
  if (keyCount > maxMetadataKeys) throw cursor.corrupt(`it claims ${keyCount} metadata keys`);
  const metadata = new Map<string, GgufValue>();
  for (let index = 0; index < keyCount; index++) {
    const key = parseName(cursor, `metadata key ${index}`);
    if (key === '' || metadata.has(key))
      throw cursor.corrupt(`metadata key ${index} is empty or there twice`);
    metadata.set(key, parseValue(cursor, key));
  }
  const alignment = alignmentOf(cursor, metadata);
  const tensors = parseTensors(cursor, tensorCount, alignment);
  const dataOffset = alignUp(cursor.offset, alignment);
  expectTensorData(cursor, tensors, dataOffset);
  return { version, metadata, tensors, alignment, dataOffset };
}

function parseVersion(cursor: HeaderCursor): 2 | 3 {
  const { file } = cursor;
  if (file.sizeBytes < 4 || Buffer.from(cursor.take(4)).toString('latin1') !== 'GGUF') {
    throw unreadable(file, 'is not a GGUF model file');
  }
  const version = cursor.uint32();
  if (version === 2 || version === 3) return version;
  if ((version & 0xffff) === 0)
    throw unreadable(file, 'is a big-endian GGUF file, which this machine cannot run');
  throw unreadable(file, `has GGUF version ${version}; versions 2 and 3 can be read`);
}

function parseValue(cursor: HeaderCursor, key: string): GgufValue {
  const code = cursor.uint32();
  if (code === ggufArrayCode) return parseArray(cursor, key);
  const { type } = elementType(cursor, key, code);
  if (type !== 'string') return cursor.scalar(type);
  return { type, bytes: cursor.take(cursor.length(`the length of ${key}`)) };
}

function parseArray(cursor: HeaderCursor, key: string): GgufArray {
  const { type, bytes: elementBytes } = elementType(cursor, key, cursor.uint32());
  const count = cursor.length(`the length of ${key}`);
  cursor.expectRoomFor(count, elementBytes ?? 8);
  if (elementBytes !== null) {
    return { type: 'array', elementType: type, count, bytes: cursor.take(count * elementBytes) };
  }
  const start = cursor.offset;
  for (let index = 0; index < count; index++) cursor.take(cursor.length(`a string length in ${key}`));
  const sizeBytes = cursor.offset - start;
  cursor.offset = start;
  return { type: 'array', elementType: type, count, bytes: cursor.take(sizeBytes) };
}

function elementType(cursor: HeaderCursor, key: string, code: number): (typeof ggufElementTypes)[number] {
  const element = elementTypesByCode.get(code);
  if (element === undefined) throw cursor.corrupt(`metadata "${key}" has the unknown type ${code}`);
  return element;
}

function alignmentOf(cursor: HeaderCursor, metadata: ReadonlyMap<string, GgufValue>): number {
  const value = metadata.get('general.alignment');
  if (value === undefined) return defaultAlignment;
  const isPowerOfTwo = value.type === 'uint32' && value.value > 0 && Number.isInteger(Math.log2(value.value));
  if (!isPowerOfTwo) throw cursor.corrupt('its alignment is not a power of two');
  return value.value;
}

function parseTensors(cursor: HeaderCursor, count: number, alignment: number): readonly GgufTensor[] {
  const tensors: GgufTensor[] = [];
  const names = new Set<string>();
  let expectedOffset = 0;
  for (let index = 0; index < count; index++) {
    const tensor = parseTensor(cursor, index);
    if (names.has(tensor.name)) throw cursor.corrupt(`tensor "${tensor.name}" is there twice`);
    if (tensor.offset !== expectedOffset) throw cursor.corrupt(`tensor "${tensor.name}" is out of place`);
    names.add(tensor.name);
    tensors.push(tensor);
    expectedOffset = alignUp(tensor.offset + tensor.sizeBytes, alignment);
  }
  return tensors;
}

function parseTensor(cursor: HeaderCursor, index: number): GgufTensor {
  const name = parseName(cursor, `the name of tensor ${index}`);
  if (Buffer.byteLength(name) > maxTensorNameBytes)
    throw cursor.corrupt(`the name of tensor ${index} is too long`);
  const dimensionCount = cursor.uint32();
  if (dimensionCount < 1 || dimensionCount > maxDimensions) {
    throw cursor.corrupt(`tensor "${name}" has ${dimensionCount} dimensions`);
  }
  const shape: number[] = [];
  for (let axis = 0; axis < dimensionCount; axis++) shape.push(cursor.length(`a dimension of "${name}"`));
  const typeId = cursor.uint32();
  const type = ggmlTypes.get(typeId);
  if (type === undefined) throw unknownTensorType(cursor.file, name, typeId);
  const sizeBytes = tensorSizeBytes(shape, type);
  if (sizeBytes === null) throw cursor.corrupt(`tensor "${name}" cannot have the shape ${shape.join(' × ')}`);
  return {
    name,
    shape,
    typeId,
    elementType: type,
    offset: cursor.length(`the offset of "${name}"`),
    sizeBytes,
  };
}

/** Bytes a tensor takes, or null for a shape its type cannot have: an empty one, a cut block, beyond 2^53 bytes. */
export function tensorSizeBytes(shape: readonly number[], type: GgmlType): number | null {
  const rowElements = shape[0] ?? 0;
  const elements = shape.reduce((product, length) => product * length, 1);
  if (elements === 0 || rowElements % type.blockElements !== 0) return null;
  const sizeBytes = (elements / type.blockElements) * type.blockBytes;
  return Number.isSafeInteger(sizeBytes) && Number.isSafeInteger(elements) ? sizeBytes : null;
}

function expectTensorData(cursor: HeaderCursor, tensors: readonly GgufTensor[], dataOffset: number): void {
  const last = tensors.at(-1);
  if (last === undefined) return;
  const needed = dataOffset + last.offset + last.sizeBytes;
  if (needed <= cursor.file.sizeBytes) return;
  throw unreadable(
    cursor.file,
    `is cut off: its tensors need ${needed} bytes and it has ${cursor.file.sizeBytes}`,
  );
}

function parseName(cursor: HeaderCursor, what: string): string {
  const bytes = cursor.take(cursor.length(`the length of ${what}`));
  try {
    return utf8.decode(bytes);
  } catch {
    throw cursor.corrupt(`${what} is not text`);
  }
}

function unreadable(file: GgufFileFacts, what: string): CodedError {
  return new CodedError(
    'model.unreadable',
    `${file.name} ${what}. It cannot be loaded.`,
    'Download the model again, or choose another one.',
  );
}

function unknownTensorType(file: GgufFileFacts, tensor: string, typeId: number): CodedError {
  return new CodedError(
    'model.unreadable',
    `${file.name} stores tensor "${tensor}" in type ${typeId}, which llama.cpp v0.5.0 does not know. It is damaged or needs a newer version.`,
    'Choose another quantisation of the model, such as Q4_K_M.',
  );
}
