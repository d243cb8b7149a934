/** Documents that are remembered; of one that was forgotten the next request counts as typed. */
const mostDocuments = 64;

/** Knows whether a document was changed between two requests: somebody who only moves the cursor reads, and does not write. */
export class TypedDocuments {
  /** Version at the last request by URI, the latest last. */
  readonly #versions = new Map<string, number>();

  /** Notes a request. True where the document has changed since the one before, or there was none. */
  asked(uri: string, version: number): boolean {
    const before = this.#versions.get(uri);
    this.#versions.delete(uri);
    this.#versions.set(uri, version);
    for (const oldest of this.#versions.keys()) {
      if (this.#versions.size <= mostDocuments) break;
      this.#versions.delete(oldest);
    }
    return before !== version;
  }
}
