import { leadOf } from '../../protocol/leadOf.ts';
import { quotationAt } from '../syntax/codeShape.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { indentWidth } from './indentWidth.ts';
import { type IndentStyle, type Opening, openingOfLine } from './indentStyle.ts';

/** Generated text with the document's indentation. */
export interface IndentedText {
  readonly text: string;
  /** Characters of the generated text that the first `length` ones were made from. */
  generatedLength(length: number): number;
}

/**
 * Generated text (line ends `\n`) as the document is indented: where the model writes another unit, the leading white space of
 * its lines is written anew, level by level. A line that is aligned, and text in a string of several lines, stays as it is. A
 * line depends on those before it alone, so that a text and a longer one have the same lines.
 */
export function inDocumentIndent(text: string, place: CompletionPlace): IndentedText {
  const { indent, inserted } = place;
  if (indent === null || inserted.quotation?.kind === 'string') {
    return { text, generatedLength: (length) => length };
  }
  const generated = text.split('\n');
  const lines = new LineIndenter(place, indent).write(generated);
  return {
    text: lines.join('\n'),
    generatedLength: (length) => lengthBefore(length, lines, generated),
  };
}

/** A level of blocks, or of lines that go on. */
interface Level {
  /** Columns where the generated text has it; null while that is not known. */
  width: number | null;
  /** Its white space in the document. */
  readonly lead: string;
  /** Whether a line that opens a block began it. */
  readonly isBlock: boolean;
}

/** What begins a string of several lines, whatever its end looks like. */
const longQuote = /`|"""|'''|<<|[#R]"/;
const closer = /^(?:[)\]}]|<\/|(?:end|fi|done|esac)\b)/;
/** An entry of a list, or a member of a union, whose other lines are aligned with its text. */
const listEntry = /^[-*+|&] /;
const entryMarkLength = 2;

/** Columns that models go in by; a tab counts as four. */
const commonSteps = new Set([2, 4, 8]);

/** Follows the levels of a generated text, as a tokenizer of Python does. */
class LineIndenter {
  readonly #place: CompletionPlace;
  readonly #style: IndentStyle;
  readonly #usesTabs: boolean;
  /** Where the cursor is, and the levels that the text has begun; never empty. */
  #levels: Level[];
  #above: string;
  #opening: Opening | null;
  /** Columns of one level, as the first block of the text that has not the document's shows them. */
  #step: number | null = null;

  constructor(place: CompletionPlace, style: IndentStyle) {
    const { lineBefore } = place.cursor;
    this.#place = place;
    this.#style = style;
    this.#usesTabs = style.unit === '\t';
    this.#above = lineBefore.trim() === '' ? lineAbove(place) : lineBefore;
    this.#opening = openingOfLine(this.#above, place.rules);
    this.#levels = [{ width: null, lead: splitLead(this.#above).lead, isBlock: false }];
  }

  write(generated: readonly string[]): readonly string[] {
    const written: string[] = [];
    for (const [index, line] of generated.entries()) {
      written.push(index === 0 ? this.#first(line) : this.#next(line, `${written.join('\n')}\n`));
    }
    return written;
  }

  /** What is before the cursor cannot be changed. */
  #first(line: string): string {
    const { lineBefore } = this.#place.cursor;
    const whole = lineBefore + line;
    if (whole.trim() === '') {
      if (lineBefore !== '') this.#beginAt(lineBefore);
      return line;
    }
    if (lineBefore.trim() !== '' || leadOf(line) === '') {
      this.#beginAt(whole);
      return line;
    }
    const lead = this.#leadFor(whole);
    this.#pass(whole);
    return (lead.startsWith(lineBefore) ? lead.slice(lineBefore.length) : '') + line.trimStart();
  }

  /** `soFar` is the text up to the line. */
  #next(line: string, soFar: string): string {
    if (line.trim() === '' || (mayQuote(soFar) && this.#isQuoted(soFar))) return line;
    const written = this.#leadFor(line) + line.trimStart();
    this.#pass(line);
    return written;
  }

  #isQuoted(soFar: string): boolean {
    const { cursor, inserted, rules } = this.#place;
    if (rules.quotesSpanLines === true && hasOpenQuote(cursor.lineBefore + soFar)) return true;
    const { quotations } = inserted.shapeOf(soFar);
    return quotationAt(quotations, soFar.length)?.kind === 'string';
  }

  #beginAt(line: string): void {
    this.#levels = [{ width: null, lead: splitLead(line).lead, isBlock: false }];
    this.#pass(line);
  }

  #pass(line: string): void {
    this.#above = line;
    this.#opening = openingOfLine(line, this.#place.rules);
  }

  get #top(): Level {
    const top = this.#levels.at(-1);
    if (top === undefined) throw new Error('A text has the level of its cursor.');
    return top;
  }

  /** White space of a line that is neither blank nor quoted. */
  #leadFor(line: string): string {
    const { lead, star } = splitLead(line);
    const width = indentWidth(lead);
    const isOfKind = this.#usesTabs ? /^\t+$/.test(lead) : !lead.includes('\t');
    if (lead === '') this.#levels = [{ width: 0, lead, isBlock: false }];
    else if (isOfKind && this.#usesTabs) this.#take(width, lead);
    else {
      const top = this.#top;
      if (this.#levels.length === 1 && (isOfKind || top.lead === '')) top.width ??= indentWidth(top.lead);
      this.#settle(width, line.trim());
    }
    return this.#top.lead + star;
  }

  /** A line that has the document's own tabs. */
  #take(width: number, lead: string): void {
    const outer = this.#levels.filter((level) => level.lead.length < lead.length);
    this.#levels = [...outer, { width, lead, isBlock: this.#opening !== null }];
  }

  #settle(width: number, line: string): void {
    const opening = this.#opening;
    if (opening !== null && !closer.test(line) && this.#goesIn(width)) {
      this.#enterEntry(width);
      const lead = this.#goneIn(this.#top, { width, opening });
      this.#levels.push({ width, lead, isBlock: true });
      return;
    }
    const hasLeftBlock = this.#leaveUntil(width);
    const top = this.#top;
    top.width ??= width;
    if (width < top.width) this.#levels = [{ width, lead: this.#outer(top, width), isBlock: false }];
    else if (width > top.width) {
      // A block that ends where none was known to begin is that of the level below.
      const lead = hasLeftBlock ? top.lead : top.lead + this.#continued(width - top.width, width);
      this.#levels.push({ width, lead, isBlock: hasLeftBlock });
    }
  }

  /** Whether a line after one that opens something is in it. The text may count from the margin in a unit of its own: then it is less deep than it says. */
  #goesIn(width: number): boolean {
    const top = this.#top;
    if (top.width === null || width > top.width) return true;
    const isBracket = /[{[(]$/.test(this.#above.trimEnd());
    const isOtherUnit = this.#levels.length === 1 && (isBracket || width < top.width);
    if (isOtherUnit) top.width = null;
    return isOtherUnit;
  }

  /** Leaves the levels that are deeper; the outermost is never left. */
  #leaveUntil(width: number): boolean {
    let hasLeftBlock = false;
    while (this.#levels.length > 1 && (this.#top.width ?? 0) > width) {
      hasLeftBlock = this.#levels.pop()?.isBlock === true || hasLeftBlock;
    }
    return hasLeftBlock;
  }

  /** An entry that opens a block has a level of its own, where its text begins after the mark. */
  #enterEntry(width: number): void {
    const { lead, width: outer } = this.#top;
    const isEntry = listEntry.test(this.#above.trim()) && !this.#usesTabs;
    if (!isEntry || outer === null || width - outer !== this.#style.unit.length + entryMarkLength) return;
    const blanks = ' '.repeat(entryMarkLength);
    this.#levels.push({ width: outer + entryMarkLength, lead: lead + blanks, isBlock: false });
  }

  #goneIn(top: Level, { width, opening }: { readonly width: number; readonly opening: Opening }): string {
    const { unit, steps } = this.#style;
    const step = top.width === null ? null : width - top.width;
    if (step !== null && !this.#usesTabs && (step === unit.length || steps[opening].has(step))) {
      return top.lead + ' '.repeat(step);
    }
    this.#step ??= (this.#levels.length === 1 ? this.#stepFromMargin(top, width) : null) ?? step;
    return top.lead + unit;
  }

  /** The unit of a text that counts from the margin, as its first block shows it; null where it seems to count otherwise. */
  #stepFromMargin({ lead }: Level, width: number): number | null {
    const step = width / (Math.round(lead.length / this.#style.unit.length) + 1);
    return commonSteps.has(step) ? step : null;
  }

  /** White space by which a line is indented more than the one that it goes on with. */
  #continued(gap: number, width: number): string {
    const { unit } = this.#style;
    const levels = this.#step === null ? null : gap / this.#step;
    if (this.#usesTabs) return unit.repeat(Math.max(1, Math.round(levels ?? 1)));
    const isAligned = listEntry.test(this.#above.trim()) || /[([{]/.test(this.#above.charAt(width - 1));
    if (!isAligned && levels !== null && Number.isInteger(levels)) return unit.repeat(levels);
    return isAligned || gap >= unit.length ? ' '.repeat(gap) : unit;
  }

  /** White space of a line outside of the level that the cursor is in. */
  #outer(top: Level, width: number): string {
    const { unit } = this.#style;
    const isMeasured = !this.#usesTabs && top.width === indentWidth(top.lead);
    if (isMeasured) return ' '.repeat(width);
    const columns = (top.width ?? width) - width;
    const levels = this.#step === null ? 1 : Math.round(columns / this.#step);
    return top.lead.slice(0, Math.max(0, top.lead.length - unit.length * levels));
  }
}

function hasOpenQuote(text: string): boolean {
  return text.replaceAll(/\\./g, '').split('"').length % 2 === 0;
}

/** Whether a text may end in a string of several lines. Spares a parse for every line. */
function mayQuote(soFar: string): boolean {
  const isOdd = (quote: string): boolean => soFar.split(quote).length % 2 === 0;
  return longQuote.test(soFar) || isOdd('"') || isOdd("'");
}

/** The white space of a line; that before a star of a comment is one blank more, which stays. */
function splitLead(line: string): { readonly lead: string; readonly star: string } {
  const lead = leadOf(line);
  const isStar = line.charAt(lead.length) === '*' && lead.endsWith(' ') && indentWidth(lead) % 2 === 1;
  return isStar ? { lead: lead.slice(0, -1), star: ' ' } : { lead, star: '' };
}

function lineAbove({ cursor }: CompletionPlace): string {
  const lines = cursor.before.split('\n').slice(0, -1);
  return lines.findLast((line) => line.trim() !== '') ?? '';
}

/** Lines have lost or gained white space at their beginning alone, so that their ends correspond. */
function lengthBefore(length: number, lines: readonly string[], generated: readonly string[]): number {
  let [start, source] = [0, 0];
  for (const [index, line] of lines.entries()) {
    const original = generated[index] ?? '';
    const toEnd = start + line.length - length;
    if (toEnd >= 0) return source + Math.max(0, original.length - toEnd);
    start += line.length + 1;
    source += original.length + 1;
  }
  return source - 1;
}
