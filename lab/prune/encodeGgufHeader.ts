import type { GgufElementType, GgufTensor, GgufValue } from '../../sidecar/gguf/ggufHeader.ts';
import { alignUp, ggufArrayCode, ggufElementTypes } from '../../sidecar/gguf/ggufHeader.ts';

/** What a header is written from; offsets, the data offset and sizes follow from it. */
export interface GgufContents {
  readonly version: 2 | 3;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly Pick<GgufTensor, 'name' | 'shape' | 'typeId' | 'sizeBytes'>[];
  readonly alignment: number;
}

/**
 * The bytes of a GGUF header, zero-padded to where tensor data begins. Tensor data must follow in the given
 * order, each tensor at the next multiple of `alignment`.
 */
export function encodeGgufHeader(contents: GgufContents): Uint8Array {
  const parts: Uint8Array[] = [
    Buffer.from('GGUF', 'latin1'),
    uint32(contents.version),
    uint64(contents.tensors.length),
    uint64(contents.metadata.size),
  ];
  for (const [key, value] of contents.metadata) parts.push(text(key), ...encodeValue(value));
  let offset = 0;
  for (const tensor of contents.tensors) {
    parts.push(text(tensor.name), uint32(tensor.shape.length), ...tensor.shape.map(uint64));
    parts.push(uint32(tensor.typeId), uint64(offset));
    offset = alignUp(offset + tensor.sizeBytes, contents.alignment);
  }
  const written = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return Buffer.concat(parts, alignUp(written, contents.alignment));
}

function encodeValue(value: GgufValue): readonly Uint8Array[] {
  if (value.type === 'string') return [uint32(codeOf('string')), uint64(value.bytes.byteLength), value.bytes];
  if (value.type !== 'array') return [uint32(codeOf(value.type)), encodeScalar(value)];
  return [uint32(ggufArrayCode), uint32(codeOf(value.elementType)), uint64(value.count), value.bytes];
}

/** One number or truth value, little-endian, in the width its type has in the file. */
function encodeScalar(value: Exclude<GgufValue, { type: 'string' | 'array' }>): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  switch (value.type) {
    case 'uint8':
      view.setUint8(0, value.value);
      break;
    case 'int8':
      view.setInt8(0, value.value);
      break;
    case 'uint16':
      view.setUint16(0, value.value, true);
      break;
    case 'int16':
      view.setInt16(0, value.value, true);
      break;
    case 'uint32':
      view.setUint32(0, value.value, true);
      break;
    case 'int32':
      view.setInt32(0, value.value, true);
      break;
    case 'float32':
      view.setFloat32(0, value.value, true);
      break;
    case 'bool':
      view.setUint8(0, value.value ? 1 : 0);
      break;
    case 'uint64':
      view.setBigUint64(0, value.value, true);
      break;
    case 'int64':
      view.setBigInt64(0, value.value, true);
      break;
    case 'float64':
      view.setFloat64(0, value.value, true);
      break;
  }
  return new Uint8Array(view.buffer, 0, elementOf(value.type).bytes ?? 0);
}

function elementOf(type: GgufElementType): (typeof ggufElementTypes)[number] {
  const element = ggufElementTypes.find((candidate) => candidate.type === type);
  if (element === undefined) throw new Error(`ggufElementTypes lacks ${type}`);
  return element;
}

const codeOf = (type: GgufElementType): number => elementOf(type).code;

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64(bytes.byteLength), bytes]);
}
