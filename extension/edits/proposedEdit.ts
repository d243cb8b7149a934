import type { RangeEdit } from '../../protocol/edit.ts';
import type { AssumedText } from '../../protocol/messages.ts';
import { type LineChange, wholeLinesOf, withChanges } from './documentLines.ts';
import { type HunkAnchor, type Hunk, hunkOf, movedAnchor, placeHunk, type Placement } from './hunkAnchor.ts';
import { lineDiff } from './lineDiff.ts';

/** A hunk that fits the document now: `start` counts lines of that document, `shownAt` those of the preview. */
export interface PlacedHunk extends LineChange {
  readonly id: number;
  readonly shownAt: number;
}

/** What the document would be with all hunks that fit it. */
export interface PlacedEdit {
  readonly lines: readonly string[];
  readonly placed: readonly PlacedHunk[];
  readonly refused: readonly RefusedHunk[];
}

interface RefusedHunk {
  readonly id: number;
  readonly why: Extract<Placement, { readonly type: 'refused' }>['why'];
}

export type TakenHunks =
  | { readonly type: 'fits'; readonly changes: readonly PlacedHunk[] }
  | { readonly type: 'refused'; readonly refused: readonly RefusedHunk[]; readonly fitting: number };

/**
 * What a model proposes for a document, as hunks that are accepted one by one or all at once. It follows every change of the
 * document from the version on that the model was asked about, so that a hunk never goes where it does not belong. Writes nothing.
 */
export class ProposedEdit {
  readonly #base: readonly string[];
  #open: readonly { readonly hunk: Hunk; readonly anchor: HunkAnchor }[];

  /** `since` are the changes of the document after the version with the lines `base`, in order. */
  constructor(base: readonly string[], edits: readonly RangeEdit[], since: readonly AssumedText[]) {
    this.#base = base;
    this.#open = hunksOf(base, edits).map((hunk) => ({
      hunk,
      anchor: { line: hunk.start, isTouched: false },
    }));
    this.follow(since);
  }

  /** Hunks that were not accepted. */
  get openIds(): readonly number[] {
    return this.#open.map(({ hunk }) => hunk.id);
  }

  /** Takes up changes of the document, in the order in which they were made. */
  follow(changes: readonly AssumedText[]): void {
    for (const change of changes) {
      this.#open = this.#open.map(({ hunk, anchor }) => ({
        hunk,
        anchor: movedAnchor(anchor, hunk.removed, change),
      }));
    }
  }

  /** All open hunks in a document with these lines. */
  preview(lines: readonly string[]): PlacedEdit {
    const found = this.#open.map(({ hunk, anchor }) => ({
      hunk,
      place: placeHunk(hunk, anchor, { base: this.#base, lines }),
    }));
    const refused: RefusedHunk[] = [];
    const placed: PlacedHunk[] = [];
    let shift = 0;
    let end = 0;
    for (const { hunk, place } of found) {
      // Hunks keep their order: one that was found above an earlier one is not where it belongs.
      if (place.type === 'placed' && place.line >= end) {
        const { id, removed, added } = hunk;
        placed.push({ id, start: place.line, removed, added, shownAt: place.line + shift });
        shift += added.length - removed;
        end = place.line + removed;
      } else {
        refused.push({ id: hunk.id, why: place.type === 'refused' ? place.why : 'changed' });
      }
    }
    return { lines: withChanges(lines, placed), placed, refused };
  }

  /** What accepting hunks changes in a document with these lines. All of them fit, or none is given. */
  take(ids: readonly number[], lines: readonly string[]): TakenHunks {
    const { placed, refused } = this.preview(lines);
    const changes = placed.filter(({ id }) => ids.includes(id));
    const unfit = refused.filter(({ id }) => ids.includes(id));
    return unfit.length > 0
      ? { type: 'refused', refused: unfit, fitting: changes.length }
      : { type: 'fits', changes };
  }

  /** Leaves out hunks that were accepted. */
  close(ids: readonly number[]): void {
    this.#open = this.#open.filter(({ hunk }) => !ids.includes(hunk.id));
  }
}

/** The hunk at a line of the preview or the document, by the side that counts lines; else the next one, else the last. Pure. */
export function hunkAt(
  placed: readonly PlacedHunk[],
  line: number,
  side: 'document' | 'preview',
): PlacedHunk | null {
  const lastLineOf = ({ start, removed, shownAt, added }: PlacedHunk): number =>
    side === 'preview' ? shownAt + Math.max(1, added.length) - 1 : start + Math.max(1, removed) - 1;
  return placed.find((hunk) => lastLineOf(hunk) >= line) ?? placed.at(-1) ?? null;
}

function hunksOf(base: readonly string[], edits: readonly RangeEdit[]): readonly Hunk[] {
  const whole = wholeLinesOf(base, edits);
  if (whole === null) return [];
  const { start, removed, added } = whole;
  return lineDiff(base.slice(start, start + removed), added).map((change, id) =>
    hunkOf({ ...change, start: change.start + start }, base, id),
  );
}
