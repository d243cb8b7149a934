import type { FormattingOptions } from './documentPlace.ts';
import { leadOf } from './leadOf.ts';
import { toLineFeeds } from './toLineFeeds.ts';

/** A file that code of an answer is put into. */
export interface IndentedFile {
  readonly text: string;
  /** How the editor indents it; decides where no line of the file is indented. */
  readonly formatting: FormattingOptions;
}

/** Lines of an answer indented with what the file is: tabs or blanks. A line that the file has already stays as it is. Pure. */
export function inFileIndent(
  lines: readonly string[],
  { text, formatting }: IndentedFile,
): readonly string[] {
  const known = toLineFeeds(text).split('\n');
  const has = new Set(known);
  const { tabSize } = formatting;
  const convert = hasTabs(known, formatting)
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

/** Neither blank nor of a comment with stars, which is indented by one blank more. */
function isCode(line: string): boolean {
  return /^\s*[^\s*]/.test(line);
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
