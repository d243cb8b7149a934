import type { RangeEdit } from '../../protocol/edit.ts';
import { toLineFeeds } from '../../protocol/toLineFeeds.ts';

export type LineEnd = '\n' | '\r\n';

/** Lines of a text that others take the place of: `removed` lines from `start` on. `start` counts from 0. */
export interface LineChange {
  readonly start: number;
  readonly removed: number;
  readonly added: readonly string[];
}

/** A text as lines without their ends. A text that ends with a line end has an empty last line. Pure. */
export function linesOf(text: string): readonly string[] {
  return toLineFeeds(text).split('\n');
}

/** The lines after changes that are in order and do not overlap. Pure. */
export function withChanges(lines: readonly string[], changes: readonly LineChange[]): readonly string[] {
  const result: string[] = [];
  let next = 0;
  for (const { start, removed, added } of changes) {
    result.push(...lines.slice(next, start), ...added);
    next = start + removed;
  }
  return [...result, ...lines.slice(next)];
}

/**
 * A change as the text edit that makes it in a document with these lines. Pure. Whether the document ends with a line end
 * stays as it is, unless the change has its last line.
 */
export function textEditOf(
  lines: readonly string[],
  { start, removed, added }: LineChange,
  lineEnd: LineEnd,
): RangeEdit {
  const end = start + removed;
  const last = lines.length - 1;
  const endOfLine = (line: number) => ({ line, character: lines[line]?.length ?? 0 });
  if (end <= last) {
    return {
      range: { start: { line: start, character: 0 }, end: { line: end, character: 0 } },
      newText: added.map((line) => line + lineEnd).join(''),
    };
  }
  // The last line has no end of its own: the one before it gives or takes it.
  if (start > 0) {
    return {
      range: { start: endOfLine(start - 1), end: endOfLine(last) },
      newText: added.map((line) => lineEnd + line).join(''),
    };
  }
  return { range: { start: { line: 0, character: 0 }, end: endOfLine(last) }, newText: added.join(lineEnd) };
}

/**
 * The lines that edits change, as one change of whole lines. Pure. Edits are in order and do not overlap; what is beyond the
 * document counts as its end. Null where there are none.
 */
export function wholeLinesOf(lines: readonly string[], edits: readonly RangeEdit[]): LineChange | null {
  const [first, last] = [edits.at(0), edits.at(-1)];
  if (first === undefined || last === undefined) return null;
  const start = Math.min(first.range.start.line, lines.length - 1);
  const end = Math.min(last.range.end.line, lines.length - 1);
  const covered = lines.slice(start, end + 1);
  const text = covered.join('\n');
  const offsetOf = ({ line, character }: { readonly line: number; readonly character: number }): number => {
    const before = covered.slice(0, line - start);
    const inLine = Math.min(character, covered[line - start]?.length ?? 0);
    return Math.min(text.length, before.reduce((sum, { length }) => sum + length + 1, 0) + inLine);
  };
  let changed = '';
  let next = 0;
  for (const { range, newText } of edits) {
    changed += text.slice(next, offsetOf(range.start)) + newText;
    next = offsetOf(range.end);
  }
  return { start, removed: covered.length, added: linesOf(changed + text.slice(next)) };
}
