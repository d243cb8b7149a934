import { diffArrays } from 'diff';
import { hunksOfParts } from '../../protocol/hunksOfParts.ts';
import type { LineChange } from './documentLines.ts';

/** Texts that differ in more lines differ throughout: the search takes time by the square of it, on the thread that keys wait for. */
const mostDifferences = 1000;

/** Changes with at most so many lines between them that say nothing are one. */
const largestGap = 2;

/**
 * The fewest lines to change in some to get others. Pure. Changes are in order, and at least one line with a letter or digit, or
 * three others, are between two of them. One change of all lines where over 1,000 differ.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  const parts = diffArrays([...before], [...after], { maxEditLength: mostDifferences });
  if (parts === undefined) return [{ start: 0, removed: before.length, added: after }];
  const changes = hunksOfParts(parts).map(({ start, count, newStart, newCount }) => ({
    start,
    removed: count,
    added: after.slice(newStart, newStart + newCount),
  }));
  return joined(changes, before);
}

function joined(changes: readonly LineChange[], lines: readonly string[]): readonly LineChange[] {
  const result: LineChange[] = [];
  for (const change of changes) {
    const last = result.at(-1);
    const between = last === undefined ? [] : lines.slice(last.start + last.removed, change.start);
    if (
      last === undefined ||
      between.length > largestGap ||
      between.some((line) => /[\p{L}\p{N}]/u.test(line))
    ) {
      result.push(change);
      continue;
    }
    result[result.length - 1] = {
      start: last.start,
      removed: change.start + change.removed - last.start,
      added: [...last.added, ...between, ...change.added],
    };
  }
  return result;
}
