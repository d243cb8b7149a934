import type { TokenId } from './engine.ts';

/** Ids below it keep their place in a sort key beside the first four bytes of their token: 2^32 × 2^20 is below 2^53. */
const idRange = 2 ** 20;
const keyBytes = 4;

/**
 * Finds the tokens that a text with a required start may go on with: all tokens in the order of their bytes. Takes about
 * 14 bytes a token, and a lookup some 17 comparisons for each byte that is required.
 */
export class VocabularyIndex {
  /** Bytes of all tokens in the order of their ids; token `id` ends where `id + 1` begins. */
  readonly #bytes: Uint8Array;
  readonly #begins: Uint32Array;
  /** Ids of the tokens that have bytes, by their bytes, by id among equals. */
  readonly #sorted: Int32Array;

  /** `pieceOf` gives the bytes of each id below `size`: none for a token that must never be drawn, such as an end token. */
  constructor(size: number, pieceOf: (id: TokenId) => Uint8Array) {
    if (size > idRange) throw new RangeError(`A vocabulary of ${size} tokens cannot be sorted by its keys.`);
    const begins = new Uint32Array(size + 1);
    let bytes = new Uint8Array(8 * size);
    for (let id = 0; id < size; id++) {
      const piece = pieceOf(id);
      const begin = begins[id] ?? 0;
      if (begin + piece.length > bytes.length) bytes = grown(bytes, begin + piece.length);
      bytes.set(piece, begin);
      begins[id + 1] = begin + piece.length;
    }
    this.#bytes = bytes.slice(0, begins[size] ?? 0);
    this.#begins = begins;
    this.#sorted = this.#sort(size);
  }

  /** Tokens that are a non-empty prefix of `rest`, or that begin with it; none where `rest` is empty. */
  tokensFor(rest: Uint8Array): Int32Array {
    if (rest.length === 0) return new Int32Array(0);
    const ranges: Int32Array[] = [];
    for (let length = 1; length < rest.length; length++) {
      const from = this.#firstNotBefore(rest, length);
      let to = from;
      while (this.#lengthAt(to) === length && this.#comparePlace(to, rest, length) === 0) to++;
      ranges.push(this.#sorted.subarray(from, to));
    }
    ranges.push(this.#sorted.subarray(this.#firstNotBefore(rest, rest.length), this.#endOfStart(rest)));
    const ids = new Int32Array(ranges.reduce((sum, range) => sum + range.length, 0));
    let filled = 0;
    for (const range of ranges) {
      ids.set(range, filled);
      filled += range.length;
    }
    return ids;
  }

  /** Sorted natively by the first bytes, then exactly among those that share them. */
  #sort(size: number): Int32Array {
    const keys = new Float64Array(size);
    let count = 0;
    for (let id = 0; id < size; id++) {
      const begin = this.#begins[id] ?? 0;
      const end = this.#begins[id + 1] ?? 0;
      if (begin === end) continue;
      let key = 0;
      for (let at = begin; at < begin + keyBytes; at++)
        key = key * 256 + (at < end ? (this.#bytes[at] ?? 0) : 0);
      keys[count++] = key * idRange + id;
    }
    const ordered = keys.subarray(0, count).sort();
    const sorted = Int32Array.from(ordered, (key) => key % idRange);
    for (let from = 0; from < count;) {
      const start = Math.floor((ordered[from] ?? 0) / idRange);
      let to = from + 1;
      while (to < count && Math.floor((ordered[to] ?? 0) / idRange) === start) to++;
      if (to - from > 1) sorted.subarray(from, to).sort((a, b) => this.#compareTokens(a, b));
      from = to;
    }
    return sorted;
  }

  #compareTokens(a: TokenId, b: TokenId): number {
    const bytes = this.#bytes;
    const beginA = this.#begins[a] ?? 0;
    const beginB = this.#begins[b] ?? 0;
    const lengthA = (this.#begins[a + 1] ?? 0) - beginA;
    const lengthB = (this.#begins[b + 1] ?? 0) - beginB;
    for (let at = 0; at < lengthA && at < lengthB; at++) {
      const difference = (bytes[beginA + at] ?? 0) - (bytes[beginB + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB || a - b;
  }

  /** The first place whose token is not before the first `length` bytes of `rest`. */
  #firstNotBefore(rest: Uint8Array, length: number): number {
    return this.#search((place) => this.#comparePlace(place, rest, length) < 0);
  }

  /** The place after the last token that begins with all of `rest`. */
  #endOfStart(rest: Uint8Array): number {
    return this.#search((place) => {
      const order = this.#comparePlace(place, rest, rest.length);
      return order < 0 || order === longer || order === 0;
    });
  }

  /** How many places from the beginning `isBefore` holds for, which must hold for no place after one that it fails for. */
  #search(isBefore: (place: number) => boolean): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(middle)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Order of the token at a place and the first `length` bytes of `rest`; `longer` where it begins with them and goes on. */
  #comparePlace(place: number, rest: Uint8Array, length: number): number {
    const id = this.#sorted[place] ?? 0;
    const begin = this.#begins[id] ?? 0;
    const own = (this.#begins[id + 1] ?? 0) - begin;
    for (let at = 0; at < own && at < length; at++) {
      const difference = (this.#bytes[begin + at] ?? 0) - (rest[at] ?? 0);
      if (difference !== 0) return difference < 0 ? -1 : 1;
    }
    if (own === length) return 0;
    return own < length ? -1 : longer;
  }

  #lengthAt(place: number): number {
    const id = this.#sorted[place];
    return id === undefined ? 0 : (this.#begins[id + 1] ?? 0) - (this.#begins[id] ?? 0);
  }
}

const longer = 2;

function grown(bytes: Uint8Array, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
