import { lineEndOf, type LineRange, linesWithEnds, splitAtRange } from '../../../sidecar/edits/lineRange.ts';

/** Whether all line ends of a changed text are those of the file. Pure. */
export function keepsLineEnds(text: string, changed: string): boolean {
  const isCrlf = lineEndOf(text) === '\r\n';
  return linesWithEnds(changed).every((line) => !line.endsWith('\n') || line.endsWith('\r\n') === isCrlf);
}

/** Whether the lines that a changed text has new are indented with what the file is: tabs or blanks. Pure. */
export function keepsIndentation(text: string, changed: string): boolean {
  const known = linesWithEnds(text);
  const other = known.some((line) => line.startsWith('\t')) ? spaced : tabbed;
  const old = new Set(known.map(withoutEnd));
  return linesWithEnds(changed)
    .map(withoutEnd)
    .every((line) => line.trim() === '' || old.has(line) || !other.test(line));
}

/** Whether a changed text has all that is outside the range where it was. Pure. */
export function keepsOutside(text: string, range: LineRange, changed: string): boolean {
  const { before, after } = splitAtRange(text, range);
  return (
    changed.length >= before.length + after.length && changed.startsWith(before) && changed.endsWith(after)
  );
}

/** The blank before the star of a comment's line is not one of indentation. */
const spaced = /^\t* +(?!\*)\S/;
const tabbed = /^ *\t/;

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, '');
}
