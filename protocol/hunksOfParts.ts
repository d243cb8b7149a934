/** Lines of one list in the place of lines of another. Indices count from 0. */
export interface LineHunk {
  readonly start: number;
  readonly count: number;
  readonly newStart: number;
  readonly newCount: number;
}

/** Lines that both lists have, or that one of them has alone. */
interface ComparedPart {
  readonly added: boolean;
  readonly removed: boolean;
  readonly value: readonly string[];
}

/** What differs, from the parts of a comparison in order: hunks with at least one equal line between two. Pure. */
export function hunksOfParts(parts: readonly ComparedPart[]): readonly LineHunk[] {
  const hunks: LineHunk[] = [];
  let [place, newPlace] = [0, 0];
  let hunk: LineHunk | null = null;
  for (const { added, removed, value } of parts) {
    if (added || removed) {
      hunk ??= { start: place, count: 0, newStart: newPlace, newCount: 0 };
      hunk = added
        ? { ...hunk, newCount: hunk.newCount + value.length }
        : { ...hunk, count: hunk.count + value.length };
    } else if (hunk !== null) {
      hunks.push(hunk);
      hunk = null;
    }
    if (!added) place += value.length;
    if (!removed) newPlace += value.length;
  }
  if (hunk !== null) hunks.push(hunk);
  return hunks;
}
