import {
  type Anchor,
  anchorAfter,
  anchorBefore,
  anchorOf,
  type CursorWindow,
  type Insertion,
  longestTyped,
} from './cursorWindow.ts';
import type { QuietReason } from './quietReason.ts';
import type { Answer, RejectedTexts } from './rejectedTexts.ts';
import { StretchHashes, textHash } from './textHash.ts';
import { addedLengths, remaining, type Typed } from './typeThrough.ts';

interface Entry {
  readonly anchor: Anchor;
  /** In order of preference; empty where `reason` says why there is nothing. */
  readonly texts: readonly string[];
  readonly reason: QuietReason | null;
  /** How many entries had been kept before it, from 0 on: the newer of two has the higher one. */
  readonly age: number;
}

/**
 * Finished completions, the ones that were used last. They are found where they were computed, in whatever file, and after any
 * part of them was typed or accepted since.
 */
export class KeptCompletions {
  readonly #limit: number;
  /** By a hash of the anchor. The order is that of use. */
  readonly #entries = new Map<number, Entry>();
  /** How many entries there are for a hash of the text after an anchor: most places have none, and are given up at once. */
  readonly #afterCounts = new Map<number, number>();
  #age = 0;

  constructor(limit = 100) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Keeps what can be inserted at a cursor, best first. */
  keep(window: CursorWindow, insertions: readonly Insertion[]): void {
    const lengths = [...new Set(insertions.map(({ replacedLength }) => replacedLength))];
    // The last that is put in is preferred: that of the best.
    for (const length of lengths.toReversed()) {
      const texts = insertions.filter(({ replacedLength }) => replacedLength === length);
      this.#put({
        anchor: anchorOf(window, length),
        texts: [...new Set(texts.map(({ text }) => text))],
        reason: null,
      });
    }
  }

  /** Keeps that there is nothing to offer at a cursor. */
  keepNothing(window: CursorWindow, reason: QuietReason): void {
    this.#put({ anchor: anchorOf(window, 0), texts: [], reason });
  }

  /** The rest of what was computed the least far back; null where the engine has to be asked. */
  find(now: CursorWindow, rejected: RejectedTexts): Answer | null {
    if (this.#entries.size === 0) return null;
    const before = new StretchHashes(now.before);
    const ends = this.#knownAfter(now);
    if (ends.length === 0) return null;
    let reason: QuietReason | null = null;
    const longest = Math.min(longestTyped, now.before.length);
    for (let length = 0; length <= longest; length++) {
      const end = now.before.length - length;
      const start = Math.max(0, end - anchorBefore);
      const hash = before.of(start, end);
      const found = ends.flatMap(({ addedLength, afterHash }) => {
        const entry = this.#entryAt(keyOf(now.languageId, hash, afterHash), now, { start, end, addedLength });
        return entry === null ? [] : [{ entry, added: now.after.slice(0, addedLength) }];
      });
      const typed = now.before.slice(end);
      const rests = found
        .toSorted((a, b) => b.entry.age - a.entry.age)
        .flatMap(({ entry, added }) => restsOf(entry, { typed, added }));
      if (rests.length > 0) {
        for (const { entry } of found) this.#use(entry);
        return rejected.withoutThem(now, distinct(rests));
      }
      if (length === 0) reason = found.find(({ entry }) => entry.reason !== null)?.entry.reason ?? null;
    }
    return reason === null ? null : { type: 'quiet', reason };
  }

  clear(): void {
    this.#entries.clear();
    this.#afterCounts.clear();
  }

  #knownAfter({ after }: CursorWindow): readonly { addedLength: number; afterHash: number }[] {
    const hashes = new StretchHashes(after);
    return addedLengths(after)
      .map((addedLength) => ({
        addedLength,
        afterHash: hashes.of(addedLength, Math.min(after.length, addedLength + anchorAfter)),
      }))
      .filter(({ afterHash }) => this.#afterCounts.has(afterHash));
  }

  /** The entry of a hash, if it is indeed of that place. */
  #entryAt(
    key: number,
    { languageId, before, after }: CursorWindow,
    at: { readonly start: number; readonly end: number; readonly addedLength: number },
  ): Entry | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const { anchor } = entry;
    const isThere =
      anchor.languageId === languageId &&
      anchor.before === before.slice(at.start, at.end) &&
      anchor.after === after.slice(at.addedLength, at.addedLength + anchorAfter);
    return isThere ? entry : null;
  }

  #put(entry: Omit<Entry, 'age'>): void {
    const key = keyOfAnchor(entry.anchor);
    this.#drop(key);
    this.#entries.set(key, { ...entry, age: this.#age++ });
    const afterHash = textHash(entry.anchor.after);
    this.#afterCounts.set(afterHash, (this.#afterCounts.get(afterHash) ?? 0) + 1);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#drop(oldest);
    }
  }

  #drop(key: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    const afterHash = textHash(entry.anchor.after);
    const left = (this.#afterCounts.get(afterHash) ?? 1) - 1;
    if (left === 0) this.#afterCounts.delete(afterHash);
    else this.#afterCounts.set(afterHash, left);
  }

  #use(entry: Entry): void {
    const key = keyOfAnchor(entry.anchor);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }
}

function restsOf({ texts }: Entry, typed: Typed): readonly Insertion[] {
  return texts.map((text) => remaining(text, typed)).filter((rest) => rest !== null);
}

function distinct(insertions: readonly Insertion[]): readonly Insertion[] {
  const texts = new Set<string>();
  return insertions.filter(({ text }) => !texts.has(text) && texts.add(text));
}

function keyOf(languageId: string, before: number, after: number): number {
  return (Math.imul(before, 31) ^ Math.imul(after, 0x9e3779b1) ^ textHash(languageId)) >>> 0;
}

function keyOfAnchor({ languageId, before, after }: Anchor): number {
  return keyOf(languageId, textHash(before), textHash(after));
}
