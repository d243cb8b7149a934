/** Bytes kept of the beginning, where a program says what it is about, and of the end, where it says what failed. */
const headBytes = 1000;
const tailBytes = 3000;

/** What a program wrote, however much: counted in full, kept at both ends. */
export class OutputExcerpt {
  #head = Buffer.alloc(0);
  #tail = Buffer.alloc(0);
  #byteCount = 0;

  /** Size of everything that was added. */
  get byteCount(): number {
    return this.#byteCount;
  }

  add(chunk: Buffer): void {
    this.#byteCount += chunk.length;
    const room = headBytes - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, chunk.subarray(0, room)]);
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length > 0)
      this.#tail = Buffer.concat([this.#tail, rest.subarray(-tailBytes)]).subarray(-tailBytes);
  }

  /** Both ends, with the number of bytes that were left out between them. Bytes that are not text become U+FFFD. */
  get text(): string {
    const left = this.#byteCount - this.#head.length - this.#tail.length;
    const parts =
      left === 0
        ? [Buffer.concat([this.#head, this.#tail])]
        : [this.#head, Buffer.from(`\n… ${left} bytes left out …\n`), this.#tail];
    return Buffer.concat(parts).toString('utf8').trimEnd();
  }
}
