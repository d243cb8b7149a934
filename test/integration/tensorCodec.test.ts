import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTensorCodec } from '../../lab/observe/llamaTensorCodec.ts';

const types = { f32: 0, f16: 1, q4_0: 2, q8_0: 8, q4_K: 12, iq1_S: 19, i8: 24 } as const;
const codec = openTensorCodec(join(import.meta.dirname, '../../dist'));

/** 1 as a 16-bit float, little-endian. */
const halfOne = [0x00, 0x3c];
const ramp = (count: number, from: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('stored weights', () => {
  it('are read from blocks written by hand', () => {
    // Q8_0: a scale, then 32 signed bytes.
    const q8 = Uint8Array.from([...halfOne, ...ramp(32, -16).map((value) => value & 0xff)]);
    expect([...codec.decode(types.q8_0, q8)]).toEqual(ramp(32, -16));
    // Q4_0: a scale, then 16 bytes with value + 8 of element i in the low and of element i + 16 in the high half.
    const q4 = Uint8Array.from([...halfOne, ...ramp(16, 0).map((low) => low | ((15 - low) << 4))]);
    expect([...codec.decode(types.q4_0, q4)]).toEqual([...ramp(16, -8), ...ramp(16, -8).reverse()]);
    expect([...codec.decode(types.f16, Uint8Array.from([...halfOne, 0x00, 0xc0]))]).toEqual([1, -2]);
    const floats = Float32Array.from([0.1, -3e38]);
    expect([...codec.decode(types.f32, new Uint8Array(floats.buffer))]).toEqual([...floats]);
  });

  it('are written as those blocks', () => {
    // The largest magnitude of a Q8_0 block becomes 127: here the scale is 1 and every number exact.
    const values = [127, ...ramp(31, -15)];
    const bytes = codec.encode(types.q8_0, Float32Array.from([...values, ...values.toReversed()]), 64);
    const block = (numbers: readonly number[]) => [...halfOne, ...numbers.map((value) => value & 0xff)];
    expect([...bytes]).toEqual([...block(values), ...block(values.toReversed())]);
  });

  it.each([
    ['Q8_0', types.q8_0, 0.005],
    ['Q4_K', types.q4_K, 0.1],
    ['F16', types.f16, 0.0005],
  ])('come back from %s within what it keeps, and twice alike', (_, typeId, share) => {
    const values = Float32Array.from({ length: 2048 }, (_unused, i) => Math.sin(i * i));
    const bytes = codec.encode(typeId, values, 512);
    const back = codec.decode(typeId, bytes);
    expect(back).toHaveLength(values.length);
    const worst = Math.max(...values.map((value, i) => Math.abs(value - (back[i] ?? NaN))));
    expect(worst).toBeLessThan(share);
    expect(codec.encode(typeId, values, 512)).toEqual(bytes);
  });

  it.each([
    [
      'a type that only measured importances can encode',
      () => codec.encode(types.iq1_S, new Float32Array(256), 256),
    ],
    ['a row that its blocks do not fill', () => codec.encode(types.q4_K, new Float32Array(288), 288)],
    ['integers', () => codec.decode(types.i8, new Uint8Array(4))],
    ['a type that does not exist', () => codec.decode(99, new Uint8Array(32))],
  ])('are refused in %s', (_, use) => {
    expect(use).toThrow(expect.objectContaining({ code: 'model.unsupported' }));
  });
});
