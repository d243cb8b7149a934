import { diffArrays } from 'diff';

/** Lines of one list in the place of lines of another. Indices count from 0. */
export interface LineHunk {
  readonly start: number;
  readonly count: number;
  readonly newStart: number;
  readonly newCount: number;
}

/** Lists that differ in more lines count as different throughout: the search takes time by the square of it. */
const mostDifferences = 1000;

/**
 * The fewest lines to take away and put in that make one list of the other, as hunks in order with at least one equal line
 * between two. One hunk where over 1,000 lines differ. Pure.
 */
export function lineHunks(old: readonly string[], changed: readonly string[]): readonly LineHunk[] {
  const parts = diffArrays([...old], [...changed], { maxEditLength: mostDifferences });
  if (parts === undefined) return [{ start: 0, count: old.length, newStart: 0, newCount: changed.length }];
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
