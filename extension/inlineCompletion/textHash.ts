/** An odd base, so that every character of a window counts. */
const base = 0x01000193;

/** 32-bit polynomial hash of a text. Two texts may share one: compare them, too. */
export function textHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = next(hash, text.charCodeAt(index));
  return hash >>> 0;
}

/** Hashes of many stretches of one text, each in constant time after one pass over it. */
export class StretchHashes {
  readonly #prefixes: Int32Array;
  readonly #powers: Int32Array;

  constructor(text: string) {
    this.#prefixes = new Int32Array(text.length + 1);
    this.#powers = new Int32Array(text.length + 1).fill(1, 0, 1);
    for (let index = 0; index < text.length; index++) {
      this.#prefixes[index + 1] = next(this.#prefixes[index] ?? 0, text.charCodeAt(index));
      this.#powers[index + 1] = Math.imul(this.#powers[index] ?? 1, base);
    }
  }

  /** The same as `textHash` of that slice. */
  of(start: number, end: number): number {
    const before = Math.imul(this.#prefixes[start] ?? 0, this.#powers[end - start] ?? 1);
    return ((this.#prefixes[end] ?? 0) - before) >>> 0;
  }
}

function next(hash: number, unit: number): number {
  // A text's leading zeros would be lost without the addition.
  return (Math.imul(hash, base) + unit + 1) | 0;
}
