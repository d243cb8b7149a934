import { diffArrays } from 'diff';
import { hunksOfParts, type LineHunk } from '../../protocol/hunksOfParts.ts';

/** Lists that differ in more lines count as different throughout: the search takes time by the square of it. */
const mostDifferences = 1000;

/**
 * The fewest lines to take away and put in that make one list of the other, as hunks in order with at least one equal line
 * between two. One hunk where over 1,000 lines differ. Pure.
 */
export function lineHunks(old: readonly string[], changed: readonly string[]): readonly LineHunk[] {
  const parts = diffArrays([...old], [...changed], { maxEditLength: mostDifferences });
  return parts === undefined
    ? [{ start: 0, count: old.length, newStart: 0, newCount: changed.length }]
    : hunksOfParts(parts);
}
