/**
 * The metadata entries of an ONNX file, which onnxruntime does not hand out: a ModelProto's field 14, each a key
 * and a value. Reads only the outermost level of the file. Null for bytes that are not a whole protobuf message.
 */
export function readOnnxMetadata(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const fields = readFields(bytes);
  if (fields === null) return null;
  const entries = new Map<string, string>();
  for (const field of fields) {
    if (field.number !== metadataField) continue;
    const pair = readFields(field.bytes);
    const key = pair?.find(({ number }) => number === 1);
    const value = pair?.find(({ number }) => number === 2);
    if (key === undefined || value === undefined) return null;
    entries.set(text.decode(key.bytes), text.decode(value.bytes));
  }
  return entries;
}

const metadataField = 14;
const text = new TextDecoder();

interface Field {
  readonly number: number;
  /** Empty for fields that are plain numbers. */
  readonly bytes: Uint8Array;
}

interface Varint {
  readonly value: number;
  readonly end: number;
}

function readFields(bytes: Uint8Array): readonly Field[] | null {
  const fields: Field[] = [];
  let position = 0;
  while (position < bytes.length) {
    const tag = readVarint(bytes, position);
    if (tag === null) return null;
    const body = bodyRange(bytes, tag);
    if (body === null || body.end > bytes.length) return null;
    fields.push({ number: Math.floor(tag.value / 8), bytes: bytes.subarray(body.start, body.end) });
    position = body.end;
  }
  return fields;
}

/** Where a field's body lies, by the wire type in its tag. Null for a type that ONNX does not use. */
function bodyRange(bytes: Uint8Array, tag: Varint): { readonly start: number; readonly end: number } | null {
  switch (tag.value % 8) {
    case 0: {
      const number = readVarint(bytes, tag.end);
      return number === null ? null : { start: number.end, end: number.end };
    }
    case 1:
      return { start: tag.end + 8, end: tag.end + 8 };
    case 2: {
      const length = readVarint(bytes, tag.end);
      return length === null ? null : { start: length.end, end: length.end + length.value };
    }
    case 5:
      return { start: tag.end + 4, end: tag.end + 4 };
    default:
      return null;
  }
}

/** A base-128 number, least significant group first. Null when the bytes end within it. */
function readVarint(bytes: Uint8Array, position: number): Varint | null {
  let value = 0;
  for (let index = position; index < bytes.length && index < position + 10; index++) {
    const byte = bytes[index] ?? 0;
    value += (byte % 128) * 128 ** (index - position);
    if (byte < 128) return { value, end: index + 1 };
  }
  return null;
}
