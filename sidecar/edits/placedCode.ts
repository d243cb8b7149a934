import { type IndentedFile, inFileIndent } from '../../protocol/fileIndent.ts';
import { leadOf } from '../../protocol/leadOf.ts';
import { isWritten, newLines, ownLines, shortestLead } from './ownLines.ts';
import { type LineRange, lineEndOf, linesWithEnds, splitAtRange, withLineEnds } from './lineRange.ts';

/** A file that code of an answer is put into. */
interface EditedText extends IndentedFile {
  /** Decides where the file has one line. */
  readonly lineEnd?: '\n' | '\r\n';
}

/**
 * Code of an answer as the lines that take the place of a range: with the file's line ends, its tabs or blanks, the indentation
 * of the range where the answer left it out, and a last line end where the range has one. Pure.
 */
export function placedCode(code: string, file: EditedText, range: LineRange): string {
  const { before, inside, after } = splitAtRange(file.text, range);
  const lineEnd = lineEndIn(file);
  const bare = withLineEnds(code, '\n').replace(/\n+$/, '');
  // Nothing in place of lines leaves not even an empty one.
  if (bare === '') return '';
  const known = bareLines(inside);
  const written = ownLines(bare.split('\n'), known, {
    above: bareLines(before),
    below: bareLines(after),
  });
  const lines = withRangeIndent(inFileIndent(written, file), known);
  const placed = lines.join(lineEnd);
  if (inside !== '') return inside.endsWith('\n') ? placed + lineEnd : placed;
  const isAfterOpenLine = before !== '' && !before.endsWith('\n');
  if (isAfterOpenLine && after === '') return lineEnd + placed;
  return placed + lineEnd;
}

/**
 * Code of an answer as it goes on at a cursor. Left out are lines at its beginning that are before the cursor already, and lines at
 * its end that are after it. It is moved as far right as the cursor is where it begins further left. Pure.
 */
export function continuedCode(code: string, file: EditedText, cursor: { readonly offset: number }): string {
  const before = file.text.slice(0, cursor.offset);
  const after = file.text.slice(cursor.offset);
  const lineEnd = lineEndIn(file);
  const bare = withLineEnds(code, '\n').replace(/\n+$/, '');
  if (bare === '') return '';
  const lineBefore = before.slice(before.lastIndexOf('\n') + 1);
  const written = inFileIndent(bare.split('\n'), file);
  const own = newLines(written, {
    above: withLineEnds(before, '\n').split('\n'),
    below: bareLines(after.replace(/^[^\n]*\n?/, '')),
  });
  const [first = '', ...others] = atCursor(own, lineBefore);
  const lines = [withoutStart(first, lineBefore), ...others];
  if (lines.every((line) => line.trim() === '')) return '';
  const isBeforeLine = lineBefore === '' && !/^\r?(?:\n|$)/.test(after);
  return lines.join(lineEnd) + (isBeforeLine ? lineEnd : '');
}

/** Lines that begin at a cursor, moved right where all or the first alone begin further left than its line. */
function atCursor(lines: readonly string[], lineBefore: string): readonly string[] {
  const [first = '', ...others] = lines;
  if (lineBefore.trim() !== '' || !lineBefore.startsWith(leadOf(first))) return lines;
  const missing = lineBefore.slice(leadOf(first).length);
  const next = others.find(isWritten);
  // The first line goes on in the cursor's line, so models leave out its indentation alone.
  const isFirstAlone = next !== undefined && leadOf(next) === lineBefore && !/[:{([]$/.test(first.trimEnd());
  if (missing === '' || isFirstAlone) return lines;
  return [first, ...others.map((line) => (isWritten(line) ? missing + line : line))];
}

function withoutStart(line: string, lineBefore: string): string {
  if (lineBefore === '') return line;
  if (line.startsWith(lineBefore)) return line.slice(lineBefore.length);
  const written = lineBefore.trimStart();
  if (written === '') return line.trimStart();
  return line.trimStart().startsWith(written) ? line.trimStart().slice(written.length) : line;
}

function lineEndIn({ text, lineEnd }: EditedText): '\n' | '\r\n' {
  return text.includes('\n') ? lineEndOf(text) : (lineEnd ?? '\n');
}

function bareLines(text: string): readonly string[] {
  return linesWithEnds(withLineEnds(text, '\n')).map((line) => line.replace(/\n$/, ''));
}

/**
 * Small models often drop the indentation that all lines of a range share: of all lines, or of the first alone. An answer that
 * has some of it keeps what it has, since a change may move lines into a block or out of one.
 */
function withRangeIndent(lines: readonly string[], known: readonly string[]): readonly string[] {
  const lead = shortestLead(known);
  const [first = '', ...others] = lines;
  if (lead === '' || shortestLead(lines) !== '') return lines;
  const copied = new Set(known.filter((line) => leadOf(line) !== ''));
  const isFirstAlone =
    others.some((line) => copied.has(line)) &&
    others.every((line) => !isWritten(line) || leadOf(line) !== '');
  if (isFirstAlone) return [leadOf(known.find(isWritten) ?? '') + first, ...others];
  return lines.map((line) => (isWritten(line) ? lead + line : line));
}
