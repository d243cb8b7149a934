import type { LineChange } from './documentLines.ts';

/** Cells of the table of common lines; beyond it all that differs is one change. 2 bytes each. */
const largestTable = 4_000_000;

/** Changes with at most so many lines between them that say nothing are one. */
const largestGap = 2;

/**
 * What has to change in some lines to get others, by their longest common subsequence. Pure. Changes are in order, and at least
 * one line with a letter or digit, or three others, are between two of them.
 */
export function lineDiff(before: readonly string[], after: readonly string[]): readonly LineChange[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const from = before.slice(head, before.length - tail);
  const to = after.slice(head, after.length - tail);
  if (from.length === 0 && to.length === 0) return [];
  const isOne = from.length === 0 || to.length === 0 || from.length * to.length > largestTable;
  const changes = isOne ? [{ start: 0, removed: from.length, added: to }] : changesBetween(from, to);
  return joined(changes, from).map((change) => ({ ...change, start: change.start + head }));
}

function changesBetween(from: readonly string[], to: readonly string[]): readonly LineChange[] {
  const width = to.length + 1;
  const common = commonCounts(from, to);
  const changes: LineChange[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const [start, firstAdded] = [i, j];
    while ((i < from.length || j < to.length) && (i === from.length || from[i] !== to[j])) {
      const isAdded =
        i === from.length ||
        (j < to.length && (common[i * width + j + 1] ?? 0) > (common[(i + 1) * width + j] ?? 0));
      if (isAdded) j += 1;
      else i += 1;
    }
    if (i > start || j > firstAdded)
      changes.push({ start, removed: i - start, added: to.slice(firstAdded, j) });
    while (i < from.length && j < to.length && from[i] === to[j]) {
      i += 1;
      j += 1;
    }
  }
  return changes;
}

/** At row i and column j: how many lines the rests from i and j on have in common. */
function commonCounts(from: readonly string[], to: readonly string[]): Uint16Array {
  const width = to.length + 1;
  const counts = new Uint16Array((from.length + 1) * width);
  for (let i = from.length - 1; i >= 0; i -= 1) {
    for (let j = to.length - 1; j >= 0; j -= 1) {
      const [below, right] = [counts[(i + 1) * width + j] ?? 0, counts[i * width + j + 1] ?? 0];
      counts[i * width + j] =
        from[i] === to[j] ? (counts[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(below, right);
    }
  }
  return counts;
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
