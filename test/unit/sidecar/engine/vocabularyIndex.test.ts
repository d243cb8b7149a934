import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VocabularyIndex } from '../../../../sidecar/engine/vocabularyIndex.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function indexOf(pieces: readonly Uint8Array[]): VocabularyIndex {
  return new VocabularyIndex(pieces.length, (id) => pieces[id] ?? new Uint8Array());
}

function found(texts: readonly string[], rest: string): readonly string[] {
  const ids = indexOf(texts.map(bytesOf)).tokensFor(bytesOf(rest));
  return Array.from(ids, (id) => texts[id] ?? '').toSorted();
}

/** Few letters, so that tokens begin alike; and bytes at both ends of their range. */
const piece = fc
  .uint8Array({ maxLength: 9 })
  .map((bytes) => bytes.map((byte) => [0, 97, 98, 255][byte % 4] ?? 0));

describe('VocabularyIndex', () => {
  it('finds what begins the rest, and what begins with all of it', () => {
    const texts = ['r', 're', 'ret', 'return', 'retry', 'res', 'e', '', 'x', 'returned'];
    expect(found(texts, 'ret')).toEqual(['r', 're', 'ret', 'retry', 'return', 'returned']);
    expect(found(texts, 'return')).toEqual(['r', 're', 'ret', 'return', 'returned']);
    expect(found(texts, 'z')).toEqual([]);
    expect(found(texts, '')).toEqual([]);
  });

  it('finds every token of two with the same bytes', () => {
    expect(found(['ab', 'a', 'ab', 'a'], 'ab')).toEqual(['a', 'a', 'ab', 'ab']);
  });

  it('finds parts of a character', () => {
    const pieces = [
      Uint8Array.of(0xc3),
      Uint8Array.of(0xa9),
      bytesOf('é'),
      bytesOf('ét'),
      Uint8Array.of(0xc4),
    ];
    expect([...indexOf(pieces).tokensFor(bytesOf('é'))].toSorted()).toEqual([0, 2, 3]);
  });

  it('finds what asking each token by itself finds', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), piece, (pieces, rest) => {
        const allowed = pieces.flatMap((bytes, id) =>
          rest.length > 0 && isAllowed(bytes, rest) ? [id] : [],
        );
        expect([...indexOf(pieces).tokensFor(rest)].toSorted((a, b) => a - b)).toEqual(allowed);
      }),
    );
  });
});

function isAllowed(bytes: Uint8Array, rest: Uint8Array): boolean {
  const shared = Math.min(bytes.length, rest.length);
  return bytes.length > 0 && Buffer.compare(bytes.subarray(0, shared), rest.subarray(0, shared)) === 0;
}
