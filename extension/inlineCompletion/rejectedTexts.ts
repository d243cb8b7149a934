import { type Anchor, anchorOf, type CursorWindow, type Insertion } from './cursorWindow.ts';
import type { QuietReason } from './quietReason.ts';
import { textHash } from './textHash.ts';

/** Texts that are remembered, each at one place; the oldest is forgotten first. */
const limit = 500;

/** Something to offer at a cursor, or why there is nothing. */
export type Answer =
  | { readonly type: 'offers'; readonly offers: readonly Insertion[] }
  | { readonly type: 'quiet'; readonly reason: QuietReason };

/** Texts that were on display, and where. */
export interface Seen {
  readonly anchor: Anchor;
  readonly texts: readonly string[];
}

/**
 * Texts that were on display when something else was typed, and where. A text counts as the same if its first line that says
 * something is the same: what follows may not have been written yet when it was rejected.
 */
export class RejectedTexts {
  readonly #keys = new Set<string>();

  add({ anchor, texts }: Seen): void {
    const place = placeKey(anchor);
    for (const text of texts) {
      const key = keyAt(place, text);
      this.#keys.delete(key);
      this.#keys.add(key);
    }
    for (const oldest of this.#keys) {
      if (this.#keys.size <= limit) break;
      this.#keys.delete(oldest);
    }
  }

  /** What may be offered at a cursor of some insertions, of which there is at least one. */
  withoutThem(now: CursorWindow, insertions: readonly Insertion[]): Answer {
    if (this.#keys.size === 0) return { type: 'offers', offers: insertions };
    const places = new Map<number, string>();
    const offers = insertions.filter(({ text, replacedLength }) => {
      const place = places.get(replacedLength) ?? placeKey(anchorOf(now, replacedLength));
      places.set(replacedLength, place);
      return !this.#keys.has(keyAt(place, text));
    });
    return offers.length > 0 ? { type: 'offers', offers } : { type: 'quiet', reason: 'rejectedBefore' };
  }

  clear(): void {
    this.#keys.clear();
  }
}

function placeKey({ languageId, before, after }: Anchor): string {
  return `${languageId} ${textHash(before)} ${textHash(after)}`;
}

function keyAt(place: string, text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return `${place} ${line.trim()}`;
}
