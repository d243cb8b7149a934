const scratch = new DataView(new ArrayBuffer(4));
/** Bits of a half float: 1 sign, 5 exponent, 10 mantissa. */
const infinityBits = 0x7c00;
/** Distance between the exponent biases of single and half floats. */
const biasDifference = 112;

/** Bits of the half float (IEEE 754 binary16) nearest to a number, ties to even; infinity beyond 65,504. Pure. */
export function toFloat16(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const mantissa = bits & 0x7fffff;
  const exponent = ((bits >>> 23) & 0xff) - biasDifference;
  if (exponent === 0xff - biasDifference) return sign | infinityBits | (mantissa === 0 ? 0 : 0x200);
  if (exponent >= 31) return sign | infinityBits;
  if (exponent >= 1) return sign | ((exponent << 10) + rounded(mantissa, 13));
  // Below the smallest normal number the leading one is written out.
  return exponent < -10 ? sign : sign | rounded(mantissa | 0x800000, 14 - exponent);
}

/** The number of a half float's bits. Pure. */
export function fromFloat16(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** Numbers as little-endian half floats, two bytes each. */
export function encodeFloat16(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setUint16(i * 2, toFloat16(values[i] ?? 0), true);
  return bytes;
}

/** Reads what `encodeFloat16` wrote. */
export function decodeFloat16(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, i) => fromFloat16(view.getUint16(i * 2, true)));
}

/** Drops the lowest bits, to the nearest and from the middle to even; a carry runs into the exponent, as it should. */
function rounded(mantissa: number, dropped: number): number {
  const kept = mantissa >>> dropped;
  const rest = mantissa & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
