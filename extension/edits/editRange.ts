import type { DocumentRange } from '../../protocol/messages.ts';

/** Lines of code that a model is asked to change at most: more neither fits most contexts nor is written in a minute. */
export const largestEditLines = 500;

/** Whole lines, both included, counted from 0. */
export interface EditedLines {
  readonly first: number;
  readonly last: number;
}

/** A function, class or the like, as the editor's outline has it. */
export interface CodeSymbol extends EditedLines {
  readonly kind: 'code' | 'value';
}

/** The lines of a selection. One that ends before the first character of a line leaves that line out. Pure. */
export function selectedLines({ start, end }: DocumentRange): EditedLines {
  const endsBefore = end.character === 0 && end.line > start.line;
  return { first: start.line, last: endsBefore ? end.line - 1 : end.line };
}

/**
 * What is edited where nothing is selected: the smallest function or class around a line, else the paragraph. Pure. A value, such
 * as a constant, counts where it spans several lines, as one that holds a function does.
 */
export function linesAtCursor(
  lines: readonly string[],
  line: number,
  symbols: readonly CodeSymbol[],
): EditedLines {
  const around = symbols.filter(
    ({ kind, first, last }) => first <= line && line <= last && (kind === 'code' || last > first),
  );
  const [smallest] = around
    .filter((span) => lineCountOf(span) <= largestEditLines)
    .toSorted((a, b) => lineCountOf(a) - lineCountOf(b));
  return smallest === undefined ? paragraphAt(lines, line) : { first: smallest.first, last: smallest.last };
}

/** The lines around one up to the next blank ones; a blank line alone. Pure. */
function paragraphAt(lines: readonly string[], line: number): EditedLines {
  const isBlank = (index: number): boolean => (lines[index] ?? '').trim() === '';
  if (isBlank(line)) return { first: line, last: line };
  let [first, last] = [line, line];
  while (first > 0 && !isBlank(first - 1)) first -= 1;
  while (last < lines.length - 1 && !isBlank(last + 1)) last += 1;
  return { first, last };
}

export function lineCountOf({ first, last }: EditedLines): number {
  return last - first + 1;
}

/** Whole lines as a range: up to the first character of the line after, or to the document's end. Pure. */
export function rangeOfLines({ first, last }: EditedLines, lines: readonly string[]): DocumentRange {
  const isAtEnd = last >= lines.length - 1;
  const end = isAtEnd
    ? { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 }
    : { line: last + 1, character: 0 };
  return { start: { line: first, character: 0 }, end };
}

/** Whether a range has a place in common with lines, or touches one of them. Pure. */
export function isTouching(one: DocumentRange, lines: DocumentRange): boolean {
  // Lines end at the first character of the one after, which is not theirs.
  const isOfNext = lines.end.character === 0 && isBefore(lines.start, lines.end);
  const isPast = isOfNext ? !isBefore(one.start, lines.end) : isBefore(lines.end, one.start);
  return !isBefore(one.end, lines.start) && !isPast;
}

function isBefore(one: DocumentRange['start'], other: DocumentRange['start']): boolean {
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}
