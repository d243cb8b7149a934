import { leadOf } from '../../protocol/leadOf.ts';
import type { FormattingOptions } from '../../protocol/documentPlace.ts';
import { isWritten, newLines, ownLines, sharedLead } from './ownLines.ts';
import { type LineRange, lineEndOf, linesOf, splitAtRange, withLineEnds } from './lineRange.ts';

/** A file that code of an answer is put into. */
interface EditedText {
  readonly text: string;
  /** How the editor indents it; decides where no line of the file is indented. */
  readonly formatting: FormattingOptions;
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
  return linesOf(withLineEnds(text, '\n')).map((line) => line.replace(/\n$/, ''));
}

/**
 * Small models often drop the indentation that all lines of a range share: of all lines, or of the first alone. An answer that
 * has some of it keeps what it has, since a change may move lines into a block or out of one.
 */
function withRangeIndent(lines: readonly string[], known: readonly string[]): readonly string[] {
  const lead = sharedLead(known);
  const [first = '', ...others] = lines;
  if (lead === '' || sharedLead(lines) !== '') return lines;
  const copied = new Set(known.filter((line) => leadOf(line) !== ''));
  const isFirstAlone =
    others.some((line) => copied.has(line)) &&
    others.every((line) => !isWritten(line) || leadOf(line) !== '');
  if (isFirstAlone) return [leadOf(known.find(isWritten) ?? '') + first, ...others];
  return lines.map((line) => (isWritten(line) ? lead + line : line));
}

/** Lines indented with what the file is: tabs or blanks. A line that the file has already stays as it is. */
function inFileIndent(lines: readonly string[], file: EditedText): readonly string[] {
  const known = bareLines(file.text);
  const has = new Set(known);
  const { tabSize } = file.formatting;
  const convert = hasTabs(known, file.formatting)
    ? tabbed(writtenUnit(lines, tabSize))
    : blanked(leastWidth(known) ?? tabSize);
  return lines.map((line) => {
    const lead = leadOf(line);
    return has.has(line) || lead === '' ? line : convert(lead) + line.slice(lead.length);
  });
}

function hasTabs(lines: readonly string[], { insertSpaces }: FormattingOptions): boolean {
  const leads = lines
    .filter(isCode)
    .map(leadOf)
    .filter((lead) => lead !== '');
  if (leads.length === 0) return !insertSpaces;
  return leads.filter((lead) => lead.startsWith('\t')).length * 2 > leads.length;
}

/** Lines of comments with stars are indented by one blank more. */
function isCode(line: string): boolean {
  return isWritten(line) && !/^\s*\*/.test(line);
}

/** Blanks of one level of an answer: those of a tab, unless its lines are indented by others. */
function writtenUnit(lines: readonly string[], tabSize: number): number {
  const widths = blankWidths(lines);
  const step = widths.reduce(greatestDivisor, 0);
  return step <= 1 || step % tabSize === 0 ? tabSize : step;
}

function leastWidth(lines: readonly string[]): number | null {
  const widths = blankWidths(lines);
  return widths.length === 0 ? null : Math.min(...widths);
}

/** Columns of lines that are indented with blanks. */
function blankWidths(lines: readonly string[]): readonly number[] {
  const widths = lines.filter(isCode).map((line) => /^ */.exec(line)?.[0].length ?? 0);
  return widths.filter((width) => width > 0);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Blanks that are less than a level, such as before the star of a comment, stay. */
function tabbed(unit: number): (lead: string) => string {
  return (lead) => {
    const tabs = lead.replaceAll(/[^\t]/g, '').length;
    const blanks = lead.length - tabs;
    return '\t'.repeat(tabs + Math.floor(blanks / unit)) + ' '.repeat(blanks % unit);
  };
}

function blanked(unit: number): (lead: string) => string {
  return (lead) => lead.replaceAll('\t', ' '.repeat(unit));
}
