import { LatestEntries } from '../../protocol/latestEntries.ts';

/** Documents that are remembered; of one that was forgotten the next request counts as typed. */
const mostDocuments = 64;

/** Knows whether a document was changed between two requests: somebody who only moves the cursor reads, and does not write. */
export class TypedDocuments {
  /** Version at the last request by URI. */
  readonly #versions = new LatestEntries<string, number>(mostDocuments);

  /** Notes a request. True where the document has changed since the one before, or there was none. */
  asked(uri: string, version: number): boolean {
    const before = this.#versions.get(uri);
    this.#versions.set(uri, version);
    return before !== version;
  }
}
