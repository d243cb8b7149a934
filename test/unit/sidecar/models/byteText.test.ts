import { expect, test } from 'vitest';
import { formatBytes, formatSeconds } from '../../../../sidecar/models/byteText.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_951, '1.0 MB'],
  [491_400_064, '491.4 MB'],
  [1_117_320_768, '1.1 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0.2, '1 s'],
  [59, '59 s'],
  [59.5, '1 min 00 s'],
  [125, '2 min 05 s'],
  [3_720, '1 h 02 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
