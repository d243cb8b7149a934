import { expect, it } from 'vitest';
import { decodeFloat16, encodeFloat16, fromFloat16, toFloat16 } from '../../../../lab/numeric/float16.ts';

it.each([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65520, 0x7c00],
  [1e9, 0x7c00],
  [-Infinity, 0xfc00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [1.5 * 2 ** -24, 0x0002],
  [1 / 3, 0x3555],
  // Halfway: to the even neighbour.
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  // The carry reaches the exponent.
  [2 - 2 ** -12, 0x4000],
])('stores %d as its nearest half float', (value, bits) => {
  expect(toFloat16(value)).toBe(bits);
});

it('gives back every half float, and none for what is not a number', () => {
  const all = Array.from({ length: 0x10000 }, (_, bits) => bits);
  expect(
    all.filter((bits) => !Number.isNaN(fromFloat16(bits)) && toFloat16(fromFloat16(bits)) !== bits),
  ).toEqual([]);
  expect(fromFloat16(toFloat16(NaN))).toBeNaN();
});

it('lays numbers out in little-endian pairs of bytes', () => {
  const bytes = encodeFloat16([1, -2, 0.1]);
  expect([...bytes.subarray(0, 4)]).toEqual([0x00, 0x3c, 0x00, 0xc0]);
  // Read where it begins at an odd address too.
  const shifted = new Uint8Array([9, ...bytes]).subarray(1);
  expect([...decodeFloat16(shifted)]).toEqual([1, -2, fromFloat16(toFloat16(0.1))]);
});
