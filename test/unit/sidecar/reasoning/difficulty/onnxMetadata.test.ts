import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOnnxMetadata } from '../../../../../sidecar/reasoning/difficulty/onnxMetadata.ts';
import { probeFile } from '../../../../support/modelFiles/onnxFile.ts';

function fileWith(metadata: Readonly<Record<string, string>>): Uint8Array {
  return probeFile({ hiddenSize: 1, w1: [[1]], b1: [0], w2: [[1]], b2: [0], metadata });
}

test('reads back every entry, whatever it holds', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })), (metadata) => {
      const read = readOnnxMetadata(fileWith(metadata));
      expect(new Map(read)).toEqual(new Map(Object.entries(metadata)));
    }),
  );
});

test('a file cut anywhere gives fewer entries or none, never a throw or a wrong one', () => {
  const metadata = { first: 'one', second: 'two' };
  const file = fileWith(metadata);
  for (let length = 0; length < file.length; length++) {
    const read = readOnnxMetadata(file.subarray(0, length));
    for (const [key, value] of read ?? []) expect(metadata).toHaveProperty(key, value);
  }
});

test('any bytes are read without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readOnnxMetadata(bytes);
    }),
  );
});
