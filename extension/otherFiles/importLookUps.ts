import { LatestEntries } from '../../protocol/latestEntries.ts';
import type { ContextOffer } from '../../protocol/messages.ts';
import { type ImportedName, importedNames } from './importedNames.ts';
import type { PlannedDocument } from './offerPlan.ts';

/** What the editor's language features say of a name. */
export type FoundDeclaration =
  | { readonly type: 'offer'; readonly offer: ContextOffer }
  /** In the document itself, or where parts are not offered of. */
  | { readonly type: 'elsewhere' }
  /** No definition, as while a language is still being loaded. */
  | { readonly type: 'unknown' };

export interface ImportLookUpParts<D> {
  /** Whether an offer would be taken now. */
  readonly isConnected: () => boolean;
  /** Looks up a name at its place. May reject. */
  readonly find: (document: D, name: ImportedName) => Promise<FoundDeclaration>;
  /** False where nobody took it. */
  readonly send: (offer: ContextOffer) => boolean;
}

/** Documents whose names are remembered; those of one that was forgotten are asked about again. */
const mostDocuments = 64;
/** How often a name is asked about that has no definition. */
const mostTries = 3;

/**
 * Looks up the declarations of what documents import, one name after another, and offers them. A name is asked about once for
 * each document that imports it, up to three times where it has no definition. One document at a time.
 */
export class ImportLookUps<D extends PlannedDocument> {
  readonly #parts: ImportLookUpParts<D>;
  /** How often each name was asked about in vain, by document; `mostTries` once it was answered. */
  readonly #tries = new LatestEntries<string, ReadonlyMap<string, number>>(mostDocuments);
  #running: { readonly uri: string } | null = null;

  constructor(parts: ImportLookUpParts<D>) {
    this.#parts = parts;
  }

  /** Ends the look-up of a document after the name that is being asked about. */
  stop(document: D): void {
    if (this.#running?.uri === document.uri.toString()) this.#running = null;
  }

  /** Everything is to be asked again: what was offered before is not there any more. */
  forget(): void {
    this.#running = null;
    this.#tries.clear();
  }

  /** `text` begins as the document does, and has all of its imports. Never rejects. */
  async lookUp(document: D, text: string): Promise<void> {
    const uri = document.uri.toString();
    const running = { uri };
    this.#running = running;
    const names = importedNames(text);
    const before = this.#tries.get(uri);
    const tries = new Map(names.map(({ name }) => [name, before?.get(name) ?? 0]));
    this.#tries.set(uri, tries);
    for (const name of names) {
      const count = tries.get(name.name) ?? 0;
      if (count >= mostTries) continue;
      if (this.#running !== running || document.isClosed || !this.#parts.isConnected()) return;
      const found = await this.#found(document, name);
      if (found.type === 'offer' && !this.#parts.send(found.offer)) return;
      tries.set(name.name, found.type === 'unknown' ? count + 1 : mostTries);
    }
  }

  async #found(document: D, name: ImportedName): Promise<FoundDeclaration> {
    try {
      return await this.#parts.find(document, name);
    } catch {
      // The language's extension failed, or the file cannot be read; the next name may be found.
      return { type: 'unknown' };
    }
  }
}
