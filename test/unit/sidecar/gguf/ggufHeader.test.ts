import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import { encodeGgufHeader, type GgufContents } from '../../../../lab/prune/encodeGgufHeader.ts';
import { ggmlTypes } from '../../../../sidecar/gguf/ggmlTypes.ts';
import type { GgufValue } from '../../../../sidecar/gguf/ggufHeader.ts';
import { parseGgufHeader, tensorSizeBytes } from '../../../../sidecar/gguf/parseGgufHeader.ts';

const text = (value: string): GgufValue => ({ type: 'string', bytes: new TextEncoder().encode(value) });

function tensor(name: string, shape: readonly number[], typeId: number) {
  const type = ggmlTypes.get(typeId);
  const sizeBytes = type === undefined ? null : tensorSizeBytes(shape, type);
  if (sizeBytes === null) throw new Error('a test asked for an impossible tensor');
  return { name, shape, typeId, sizeBytes };
}

const small: GgufContents = {
  version: 3,
  metadata: new Map<string, GgufValue>([
    ['general.architecture', text('llama')],
    ['llama.block_count', { type: 'uint32', value: 2 }],
    [
      'list',
      {
        type: 'array',
        elementType: 'string',
        count: 2,
        bytes: new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0, 65, 0, 0, 0, 0, 0, 0, 0, 0]),
      },
    ],
  ]),
  tensors: [tensor('a', [32, 3], 2), tensor('b', [5], 0)],
  alignment: 32,
};

/** Bytes of the tensor data behind the header: the padded first tensors and the last one's own size. */
function dataBytes(contents: GgufContents): number {
  const last = contents.tensors.at(-1);
  if (last === undefined) return 0;
  const before = contents.tensors.slice(0, -1);
  return (
    before.reduce((sum, t) => sum + Math.ceil(t.sizeBytes / contents.alignment) * contents.alignment, 0) +
    last.sizeBytes
  );
}

function parseAll(contents: GgufContents) {
  const bytes = encodeGgufHeader(contents);
  return parseGgufHeader(bytes, { name: 'test.gguf', sizeBytes: bytes.byteLength + dataBytes(contents) });
}

/** The code of what parsing throws, or null when it does not throw. */
function failureOf(bytes: Uint8Array, sizeBytes = bytes.byteLength): unknown {
  try {
    parseGgufHeader(bytes, { name: 'test.gguf', sizeBytes });
    return null;
  } catch (thrown) {
    return thrown instanceof CodedError ? thrown.code : thrown;
  }
}

const numberRanges = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65_535],
  int16: [-32_768, 32_767],
  uint32: [0, 0xffff_ffff],
  int32: [-0x8000_0000, 0x7fff_ffff],
} as const;

const valueArbitrary: fc.Arbitrary<GgufValue> = fc.oneof(
  ...(['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32'] as const).map((type) =>
    fc.integer({ min: numberRanges[type][0], max: numberRanges[type][1] }).map((value) => ({ type, value })),
  ),
  fc.float({ noNaN: true }).map((value) => ({ type: 'float32' as const, value })),
  fc.double({ noNaN: true }).map((value) => ({ type: 'float64' as const, value })),
  fc.boolean().map((value) => ({ type: 'bool' as const, value })),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => ({ type: 'uint64' as const, value })),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map((value) => ({ type: 'int64' as const, value })),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => ({ type: 'string' as const, bytes })),
  fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 5 }).map((strings) => ({
    type: 'array' as const,
    elementType: 'string' as const,
    count: strings.length,
    bytes: new Uint8Array(strings.flatMap((s) => [s.length, 0, 0, 0, 0, 0, 0, 0, ...s])),
  })),
  fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { maxLength: 5 }).map((words) => ({
    type: 'array' as const,
    elementType: 'int32' as const,
    count: words.length,
    bytes: new Uint8Array(words.flatMap((word) => [...word])),
  })),
);

const contentsArbitrary: fc.Arbitrary<GgufContents> = fc
  .record({
    version: fc.constantFrom(2 as const, 3 as const),
    keys: fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), valueArbitrary, { maxKeys: 8 }),
    tensors: fc.uniqueArray(
      fc.record({
        name: fc.string({ minLength: 1, maxLength: 12 }),
        blocks: fc.integer({ min: 1, max: 3 }),
        rest: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
        typeId: fc.constantFrom(...ggmlTypes.keys()),
      }),
      { maxLength: 6, selector: (t) => t.name },
    ),
    alignment: fc.constantFrom(8, 32, 64, 4096),
  })
  .map(({ version, keys, tensors, alignment }) => ({
    version,
    metadata: new Map<string, GgufValue>([
      ...Object.entries(keys).filter(([key]) => key !== 'general.alignment'),
      ['general.alignment', { type: 'uint32', value: alignment }],
    ]),
    tensors: tensors.map((t) =>
      tensor(t.name, [t.blocks * (ggmlTypes.get(t.typeId)?.blockElements ?? 0), ...t.rest], t.typeId),
    ),
    alignment,
  }));

describe('a written header', () => {
  it('reads back as what it was written from, whatever its values and tensors', () => {
    fc.assert(
      fc.property(contentsArbitrary, (contents) => {
        const parse = parseAll(contents);
        if (parse.type !== 'parsed') throw new Error('the whole header was at hand');
        const { header } = parse;
        expect([...header.metadata]).toEqual([...contents.metadata]);
        expect(
          header.tensors.map(({ name, shape, typeId, sizeBytes }) => ({ name, shape, typeId, sizeBytes })),
        ).toEqual(contents.tensors);
        expect(header.dataOffset).toBe(encodeGgufHeader(contents).byteLength);
        expect(header.version).toBe(contents.version);
        expect(Buffer.compare(encodeGgufHeader({ ...contents, ...header }), encodeGgufHeader(contents))).toBe(
          0,
        );
      }),
    );
  });

  it('places tensors one behind another at multiples of the alignment', () => {
    const parse = parseAll(small);
    if (parse.type !== 'parsed') throw new Error('the whole header was at hand');
    expect(parse.header.tensors.map((t) => [t.sizeBytes, t.offset])).toEqual([
      [54, 0],
      [20, 64],
    ]);
  });
});

describe('a file that is no whole GGUF', () => {
  const bytes = encodeGgufHeader(small);
  const whole = bytes.byteLength + dataBytes(small);
  const changed = (at: number, value: number): Uint8Array => {
    const copy = Uint8Array.from(bytes);
    copy[at] = value;
    return copy;
  };

  it.each([
    ['text', new TextEncoder().encode('# Read me first, then run the model')],
    ['version 1', changed(4, 1)],
    ['version 4', changed(4, 4)],
    ['big-endian', new Uint8Array([71, 71, 85, 70, 0, 0, 0, 3])],
    ['2^56 tensors', changed(15, 1)],
    ['2^62 metadata keys', changed(23, 0x40)],
    ['a key of 2^40 bytes', changed(29, 1)],
  ])('is unreadable: %s', (_, damaged) => {
    expect(failureOf(damaged, whole)).toBe('model.unreadable');
  });

  it('is unreadable when it is empty', () => {
    expect(failureOf(new Uint8Array(0))).toBe('model.unreadable');
  });

  it('is unreadable when the file ends before its last tensor does, and whole when it ends with it', () => {
    expect(failureOf(bytes, whole)).toBeNull();
    expect(failureOf(bytes, whole - 1)).toBe('model.unreadable');
  });

  it('asks for more when only a part of the header was read, and refuses when the file holds no more', () => {
    for (let length = 0; length < bytes.byteLength - small.alignment; length++) {
      const part = bytes.subarray(0, length);
      const parse = parseGgufHeader(part, { name: 'test.gguf', sizeBytes: whole });
      expect(parse.type === 'needsMore' && parse.bytes > length && parse.bytes <= bytes.byteLength).toBe(
        true,
      );
      expect(failureOf(part)).toBe('model.unreadable');
    }
  });

  it('never makes the parser hang or fail in another way, whatever bytes stand behind the magic', () => {
    const head = new Uint8Array([71, 71, 85, 70, 3, 0, 0, 0]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, withHead) => {
        const random = withHead ? Uint8Array.from([...head, ...noise]) : noise;
        expect([null, 'model.unreadable']).toContain(failureOf(random));
      }),
    );
  });

  it('never fails in another way when bytes of a good header are changed', () => {
    const edit = fc.tuple(fc.nat(bytes.byteLength - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of edits) damaged[at] = value;
        expect([null, 'model.unreadable']).toContain(failureOf(damaged, whole));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('tensorSizeBytes', () => {
  it('counts whole blocks of a row', () => {
    const q4k = ggmlTypes.get(12);
    const f16 = ggmlTypes.get(1);
    if (q4k === undefined || f16 === undefined) throw new Error('the table lacks a type');
    expect(tensorSizeBytes([512, 3], q4k)).toBe(864);
    expect(tensorSizeBytes([7, 2, 2], f16)).toBe(56);
    expect(tensorSizeBytes([300], q4k)).toBeNull();
    expect(tensorSizeBytes([0], f16)).toBeNull();
    expect(tensorSizeBytes([2 ** 40, 2 ** 40], f16)).toBeNull();
  });
});
