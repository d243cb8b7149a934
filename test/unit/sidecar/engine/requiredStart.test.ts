import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawAmong } from '../../../../sidecar/engine/llama/decoding/drawAmong.ts';
import { RequiredStart } from '../../../../sidecar/engine/requiredStart.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';
import { VocabularyIndex } from '../../../../sidecar/engine/vocabularyIndex.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('RequiredStart', () => {
  it('allows what begins the rest and what goes on beyond it, and nothing empty', () => {
    const start = new RequiredStart('re');
    expect(['r', 're', 'return', 'e', '', 'x'].filter((text) => start.allows(bytesOf(text)))).toEqual([
      'r',
      're',
      'return',
    ]);
    start.write(bytesOf('r'));
    expect({ isWritten: start.isWritten, left: start.restText() }).toEqual({ isWritten: false, left: 'e' });
    expect(start.allows(bytesOf('ex'))).toBe(true);
    start.write(bytesOf('ex'));
    expect(start.isWritten).toBe(true);
  });

  it('goes on inside a character', () => {
    const start = new RequiredStart('é');
    expect(start.allows(Uint8Array.of(0xc3))).toBe(true);
    start.write(Uint8Array.of(0xc3));
    expect(start.allows(bytesOf('é'))).toBe(false);
    expect(start.allows(Uint8Array.of(0xa9, 0x74))).toBe(true);
  });

  it('is written from the beginning where nothing is required', () => {
    expect(new RequiredStart('').isWritten).toBe(true);
  });
});

/** Single bytes, as vocabularies of byte pairs have, and tokens of several. */
const longerPieces = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }).map(bytesOf), fc.uint8Array()), {
  maxLength: 80,
});
const settings = fc.record({
  temperature: fc.constantFrom(0, 0.6, 1.6),
  topK: fc.constantFrom(0, 1, 3),
  topP: fc.constantFrom(1, 0.9, 0.1),
  minP: fc.constantFrom(0, 0.05),
});

describe('text drawn under a required start', () => {
  it('begins with it, whatever the vocabulary, the logits and the draws', () => {
    fc.assert(
      fc.property(
        longerPieces,
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
        settings,
        fc.integer({ min: 0, max: 2 ** 31 }),
        (longer, required, sampler, seed) => {
          const pieces = [...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)), ...longer];
          const index = new VocabularyIndex(pieces.length, (id) => pieces[id] ?? new Uint8Array());
          const start = new RequiredStart(required);
          let draws = 0;
          const next = (): number => uniformAt(seed, 0, draws++);
          const written: Uint8Array[] = [];
          while (!start.isWritten) {
            const row = Float32Array.from(pieces, () => (next() < 0.1 ? -Infinity : 40 * next() - 20));
            const id = drawAmong(row, index.tokensFor(start.rest), { settings: sampler, uniform: next() });
            const bytes = pieces[id] ?? new Uint8Array();
            start.write(bytes);
            written.push(bytes);
          }
          const text = Buffer.concat(written);
          const wanted = bytesOf(required);
          expect(text.subarray(0, wanted.length).equals(wanted)).toBe(true);
          expect(written.length).toBeLessThanOrEqual(wanted.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('drawAmong', () => {
  const row = Float32Array.of(9, 1, 3, 3, -2);
  const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0 };

  it('takes the most likely of those it may take, the first among equals', () => {
    expect(drawAmong(row, Int32Array.of(4, 3, 2, 1), { settings: greedy, uniform: 0.9 })).toBe(2);
    expect(drawAmong(row, Int32Array.of(4), { settings: greedy, uniform: 0.9 })).toBe(4);
  });

  it('draws in proportion among them, as if there were no others', () => {
    const ids = Int32Array.of(1, 2, 3);
    for (const topP of [1, 0.999]) {
      const counts = new Map<number, number>();
      for (let draw = 0; draw < 1000; draw++) {
        const id = drawAmong(row, ids, {
          settings: { ...greedy, temperature: 1, topP },
          uniform: draw / 1000,
        });
        counts.set(id, (counts.get(id) ?? 0) + 1);
      }
      const mass = Math.exp(1) + 2 * Math.exp(3);
      for (const id of ids)
        expect(Math.abs((counts.get(id) ?? 0) / 1000 - Math.exp(row[id] ?? 0) / mass)).toBeLessThan(0.01);
    }
  });
});
