/**
 * Turns the bytes of tokens into text, holding back the bytes of a character until it is whole. Bytes that can
 * never become one come out as U+FFFD.
 */
export class Utf8Assembler {
  // A leading byte order mark in the middle of a text is text.
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** The text these bytes complete; empty while a character is unfinished. */
  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Drops bytes held back: what follows is another text. */
  reset(): void {
    this.#decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  }
}
