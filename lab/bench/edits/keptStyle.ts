import { lineEndOf, linesOf } from './lineRange.ts';

/** Whether all line ends of a changed text are those of the file. Pure. */
export function keepsLineEnds(text: string, changed: string): boolean {
  const isCrlf = lineEndOf(text) === '\r\n';
  return linesOf(changed).every((line) => !line.endsWith('\n') || line.endsWith('\r\n') === isCrlf);
}

/** Whether the lines that a changed text has new are indented with what the file is: tabs or blanks. Pure. */
export function keepsIndentation(text: string, changed: string): boolean {
  const known = linesOf(text);
  const other = known.some((line) => line.startsWith('\t')) ? spaced : tabbed;
  const old = new Set(known.map(withoutEnd));
  return linesOf(changed)
    .map(withoutEnd)
    .every((line) => line.trim() === '' || old.has(line) || !other.test(line));
}

/** The blank before the star of a comment's line is not one of indentation. */
const spaced = /^\t* +(?!\*)\S/;
const tabbed = /^ *\t/;

function withoutEnd(line: string): string {
  return line.replace(/\r?\n$/, '');
}
