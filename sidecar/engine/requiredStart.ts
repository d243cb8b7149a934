/**
 * What a text must still begin with, as bytes, since a token may end inside a character. It is written once a token has
 * completed it, which may go on beyond it: after `re` the token `return` leaves `turn` for the rest of the text.
 */
export class RequiredStart {
  #rest: Uint8Array;

  /** A half of a surrogate pair has no bytes of its own and becomes U+FFFD. */
  constructor(text: string) {
    this.#rest = new TextEncoder().encode(text);
  }

  /** Bytes that are still to be written. */
  get rest(): Uint8Array {
    return this.#rest;
  }

  get isWritten(): boolean {
    return this.#rest.length === 0;
  }

  /** Whether the text may go on with these bytes: they begin what is left, or begin with all of it. */
  allows(piece: Uint8Array): boolean {
    const length = Math.min(piece.length, this.#rest.length);
    for (let at = 0; at < length; at++) if (piece[at] !== this.#rest[at]) return false;
    return piece.length > 0;
  }

  /** The text goes on with these bytes, which are allowed. */
  write(piece: Uint8Array): void {
    this.#rest = this.#rest.subarray(Math.min(piece.length, this.#rest.length));
  }

  /** What is left as text; U+FFFD replaces the bytes of a cut character. */
  restText(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#rest);
  }
}
