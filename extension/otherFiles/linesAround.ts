/** Lines from `first` to `last`, both included. */
export interface LineSpan {
  readonly first: number;
  readonly last: number;
}

/** Lines of a part of a file that is offered. */
export const partLines = 30;

/** Lines around one of them, as many as a part has, within a document of `count` lines. Pure. */
export function linesAround(line: number, count: number): LineSpan {
  const first = Math.max(0, Math.min(line - partLines / 2, count - partLines));
  return { first, last: Math.max(first, Math.min(count, first + partLines) - 1) };
}

/** What is seen of a document, cut to a part around the cursor where it is more. Pure. */
export function visibleSpan(visible: LineSpan, cursor: number, count: number): LineSpan {
  if (visible.last - visible.first < partLines) return visible;
  const middle = Math.max(visible.first + partLines / 2, Math.min(cursor, visible.last - partLines / 2));
  return linesAround(middle, count);
}

/** Lines of a part that has what was copied, or the beginning of it where it is more. Pure. */
export function copiedSpan(copied: LineSpan, count: number): LineSpan {
  const last = Math.min(copied.last, copied.first + partLines - 1);
  return linesAround(Math.ceil((copied.first + last) / 2), count);
}

/**
 * Lines of a declaration in a document of `count` lines; as many as a part has where a language gives only the line of the name.
 * Null where the document has no such line any more. Pure.
 */
export function declaredLines({ first, last }: LineSpan, count: number): LineSpan | null {
  if (first >= count) return null;
  const end = first === last ? first + partLines - 1 : last;
  return { first, last: Math.min(count - 1, end) };
}
