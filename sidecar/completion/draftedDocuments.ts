import { LatestEntries } from '../../protocol/latestEntries.ts';
import type { Model } from '../engine/engine.ts';

/** A document is read again at most this often, though it changes with every key. */
const intervalMs = 30_000;
/** Characters taken of one document: what a model remembers of it is counted in tokens, of four characters or so. */
const mostChars = 65_536;
/** Documents that are remembered of each model; one that was forgotten is given again. */
const mostDocuments = 64;

interface Remembered {
  readonly version: number;
  readonly atMs: number;
}

/**
 * Which state of which document each model was last given to draft from: what is written in a file is often written in
 * it again.
 */
export class DraftedDocuments {
  readonly #remembered = new WeakMap<Model, Map<string, Remembered>>();

  /** Gives the document to the model unless it has seen this version or was given another just now. */
  async offer(
    model: Model,
    document: { readonly uri: string; readonly version: number; readonly text: string },
    nowMs: number,
  ): Promise<void> {
    const { uri, version, text } = document;
    const known = this.#remembered.get(model) ?? new LatestEntries<string, Remembered>(mostDocuments);
    const before = known.get(uri);
    if (before !== undefined && (before.version === version || nowMs - before.atMs < intervalMs)) return;
    known.set(uri, { version, atMs: nowMs });
    this.#remembered.set(model, known);
    await model.remember(uri, text.slice(0, mostChars));
  }
}
