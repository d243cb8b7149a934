import { type Anchor, anchorOf, type CursorWindow, type Insertion } from './cursorWindow.ts';
import type { QuietReason } from './quietReason.ts';
import { textHash } from './textHash.ts';

/** Rejections that are remembered; the oldest is forgotten first. */
const limit = 500;

/** Something to offer at a cursor, or why there is nothing. */
export type Answer =
  | { readonly type: 'offers'; readonly offers: readonly Insertion[] }
  | { readonly type: 'quiet'; readonly reason: QuietReason };

/** A text that was on display, and where. */
export interface Seen {
  readonly anchor: Anchor;
  readonly text: string;
}

/**
 * Texts that were on display when something else was typed, and where. A text counts as the same if its first line that says
 * something is the same: what follows may not have been written yet when it was rejected.
 */
export class RejectedTexts {
  readonly #keys = new Set<string>();

  add({ anchor, text }: Seen): void {
    const key = keyOf(anchor, text);
    this.#keys.delete(key);
    this.#keys.add(key);
    for (const oldest of this.#keys) {
      if (this.#keys.size <= limit) break;
      this.#keys.delete(oldest);
    }
  }

  /** What may be offered at a cursor of some insertions, of which there is at least one. */
  withoutThem(now: CursorWindow, insertions: readonly Insertion[]): Answer {
    const offers = insertions.filter(({ text, replacedLength }) => {
      return this.#keys.size === 0 || !this.#keys.has(keyOf(anchorOf(now, replacedLength), text));
    });
    return offers.length > 0 ? { type: 'offers', offers } : { type: 'quiet', reason: 'rejectedBefore' };
  }

  clear(): void {
    this.#keys.clear();
  }
}

function keyOf({ languageId, before, after }: Anchor, text: string): string {
  const [line = ''] = text.trim().split('\n', 1);
  return `${languageId} ${textHash(before)} ${textHash(after)} ${line.trim()}`;
}
