import { type LineHunk, lineHunks } from '../../edits/lineHunks.ts';
import { linesOf } from '../../edits/lineRange.ts';
import type { Style } from './style.ts';

/** Equal lines shown before and after a change. */
const shownLines = 3;

/**
 * Two versions of a file as a unified diff that `patch` and `git apply` read, its lines without their `\n`; none where they are
 * equal. Pure.
 */
export function unifiedDiff(name: string, old: string, changed: string): readonly string[] {
  const [oldLines, lines] = [linesOf(old), linesOf(changed)];
  const hunks = lineHunks(oldLines, lines);
  if (hunks.length === 0) return [];
  const groups = groupsOf(hunks);
  return [`--- a/${name}`, `+++ b/${name}`, ...groups.flatMap((group) => groupLines(group, oldLines, lines))];
}

/** The same with colours, for a terminal. Pure. */
export function colouredDiff(lines: readonly string[], style: Style): readonly string[] {
  return lines.map((line, index) => {
    if (index < 2) return style.bold(line);
    if (line.startsWith('@@')) return style.dim(line);
    if (line.startsWith('+')) return style.good(line);
    return line.startsWith('-') ? style.bad(line) : line;
  });
}

/** Hunks whose shown lines would touch are one. */
function groupsOf(hunks: readonly LineHunk[]): readonly (readonly LineHunk[])[] {
  const groups: LineHunk[][] = [];
  for (const hunk of hunks) {
    const last = groups.at(-1)?.at(-1);
    const isNear = last !== undefined && hunk.start - (last.start + last.count) <= 2 * shownLines;
    if (isNear) groups.at(-1)?.push(hunk);
    else groups.push([hunk]);
  }
  return groups;
}

function groupLines(
  group: readonly LineHunk[],
  old: readonly string[],
  lines: readonly string[],
): readonly string[] {
  const [first, last] = [group.at(0), group.at(-1)];
  if (first === undefined || last === undefined) return [];
  const from = Math.max(0, first.start - shownLines);
  const to = Math.min(old.length, last.start + last.count + shownLines);
  const newFrom = first.newStart - (first.start - from);
  const newTo = last.newStart + last.newCount + (to - last.start - last.count);
  const shown: string[] = [];
  let at = from;
  for (const { start, count, newStart, newCount } of group) {
    shown.push(...old.slice(at, start).flatMap((line) => marked(' ', line)));
    shown.push(...old.slice(start, start + count).flatMap((line) => marked('-', line)));
    shown.push(...lines.slice(newStart, newStart + newCount).flatMap((line) => marked('+', line)));
    at = start + count;
  }
  shown.push(...old.slice(at, to).flatMap((line) => marked(' ', line)));
  return [`@@ -${spanText(from, to - from)} +${spanText(newFrom, newTo - newFrom)} @@`, ...shown];
}

/** Of no lines the one before is named. */
function spanText(from: number, count: number): string {
  const first = count === 0 ? from : from + 1;
  return count === 1 ? String(first) : `${first},${count}`;
}

function marked(mark: string, line: string): readonly string[] {
  return line.endsWith('\n') ? [mark + line.slice(0, -1)] : [mark + line, '\\ No newline at end of file'];
}
