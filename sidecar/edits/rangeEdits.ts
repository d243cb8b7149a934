import type { DocumentPosition } from '../../protocol/documentPlace.ts';
import type { RangeEdit } from '../../protocol/edit.ts';
import { lineHunks } from './lineHunks.ts';
import { type LineRange, linesWithEnds, splitAtRange } from './lineRange.ts';

/**
 * The smallest edits of whole lines that put a text in the place of a range. Lines that differ in their line end alone stay as
 * they are. Pure.
 */
export function rangeEdits(text: string, range: LineRange, placed: string): readonly RangeEdit[] {
  const { before, inside } = splitAtRange(text, range);
  const old = linesWithEnds(inside);
  const lines = linesWithEnds(placed);
  const sizes = offsetsOf(old, before.length);
  return lineHunks(old.map(withLineFeed), lines.map(withLineFeed)).map(
    ({ start, count, newStart, newCount }) => ({
      range: {
        start: positionAt(text, sizes[start] ?? before.length),
        end: positionAt(text, sizes[start + count] ?? before.length),
      },
      newText: lines.slice(newStart, newStart + newCount).join(''),
    }),
  );
}

/** A document with edits that do not overlap, given in order. Pure. Throws for a place that it has not. */
export function withEdits(text: string, edits: readonly RangeEdit[]): string {
  return edits.reduceRight(
    (changed, { range, newText }) =>
      changed.slice(0, offsetAt(text, range.start)) + newText + changed.slice(offsetAt(text, range.end)),
    text,
  );
}

/** Position of an offset, with lines that end with `\n`. Pure. */
export function positionAt(text: string, offset: number): DocumentPosition {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length - 1, character: offset - lineStart };
}

/** Offset of a position. Pure. Throws where there is none. */
export function offsetAt(text: string, { line, character }: DocumentPosition): number {
  let start = 0;
  for (let passed = 0; passed < line; passed += 1) {
    const end = text.indexOf('\n', start);
    if (end === -1) throw new RangeError(`The text has no line ${line}.`);
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  if (start + character > (end === -1 ? text.length : end))
    throw new RangeError(`Line ${line} has no column ${character}.`);
  return start + character;
}

function withLineFeed(line: string): string {
  return line.replace(/\r\n$/, '\n');
}

/** Offset of each line, and of the end. */
function offsetsOf(lines: readonly string[], start: number): readonly number[] {
  const offsets = [start];
  let offset = start;
  for (const line of lines) offsets.push((offset += line.length));
  return offsets;
}
