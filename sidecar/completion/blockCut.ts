import { quotationAt } from '../syntax/codeShape.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { indentWidth } from './indentWidth.ts';
import type { InsertedShape } from './insertionShape.ts';
import { isAtLineStart, joinedText } from './joinedText.ts';
import { saysSomething } from './saysSomething.ts';
import { type ScopeWalk, walkScope } from './scopeWalk.ts';

/** Where a completion ends before the model does, and why. */
export interface Cut {
  /** Characters of the generated text to keep. */
  readonly length: number;
  readonly reason: 'lineEnd' | 'lineMended' | 'scopeEnd' | 'repeatedSuffix' | 'repetition';
}

/** Lines of text after the cursor that a repetition is looked for in. */
const suffixLineCount = 4;
/** Lines, or groups of lines, this often in a row are a loop. */
const repetitionLimit = 3;
/** Lines of the longest group that is looked for. */
export const longestPeriod = 3;
/** Lines that a statement goes on for because it would break the code if it ended. */
const mostLinesToGoOn = 5;
/** Begins something that is complete by itself, in languages whose blocks indentation shows. */
const definition = /^(?:@|(?:async\s+)?(?:def|class|module|function)\b)/;
const closingLine = /^[)\]}]+[;,]?\)*[;,]?$|^end[;,]?$/;

/** `statement`: a line, and more only as long as it has opened what it has not closed. */
export type LinesWanted = 'one' | 'statement' | 'several';

/** Decided by the place, and by how the text begins where that is between two halves. */
export function linesWanted(text: string, { reach }: CompletionPlace): LinesWanted {
  switch (reach) {
    case 'singleLine':
      return 'one';
    case 'statement':
      return 'statement';
    case 'betweenHalves':
      return /^[ \t]*\n/.test(text) ? 'several' : 'statement';
    case 'multiLine':
      return 'several';
  }
}

/** Where a text without a line end leaves the brackets or the string of the cursor; its length where it does not. */
export function keptOfLine(line: string, { inserted }: CompletionPlace): number {
  const { delimiter, quotation } = inserted;
  if (delimiter !== null) return indexOfDelimiter(line, delimiter) ?? line.length;
  if (quotation !== null) return line.length;
  return walkScope(line, inserted.shapeOf(line).marks, inserted.blocks).leavesAt ?? line.length;
}

/** Whether a first line of generated text makes the cursor's line the same as the next one or the one above, and says something. */
function repeatsNeighbour(line: string, { cursor }: CompletionPlace): boolean {
  if (cursor.lineAfter.trim() !== '' && !isAtLineStart({ cursor })) return false;
  const whole = (cursor.lineBefore + line).trimEnd();
  return saysSomething(whole) && (whole === linesAfter(cursor)[0] || whole === lineAbove(cursor));
}

/**
 * Whether a text in the midst of a line makes that the same as the line above or below, and says something. Of a text of several
 * lines the first is compared with the one above, and the last with the one below. `replacedLength`: UTF-16 units of the rest of
 * the line that the text replaces. Pure.
 */
export function repeatsLineAround(
  text: string,
  { cursor }: Pick<CompletionPlace, 'cursor'>,
  replacedLength = 0,
): boolean {
  if (cursor.lineAfter.trim() === '' || isAtLineStart({ cursor })) return false;
  const whole = cursor.lineBefore + text + cursor.lineAfter.slice(replacedLength);
  const lines = whole.split('\n').map((line) => line.trimEnd());
  const [first = '', last = ''] = [lines[0], lines.at(-1)];
  return (
    (saysSomething(first) && first === lineAbove(cursor)) ||
    (saysSomething(last) && last === linesAfter(cursor)[0])
  );
}

/** The last line above the cursor's that is not blank. */
function lineAbove({ before }: CompletionPlace['cursor']): string | undefined {
  return before
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trimEnd())
    .findLast((line) => line !== '');
}

/** Lines after the cursor's; its own, too, where the cursor is before all that it says. */
function linesAfter(cursor: CompletionPlace['cursor']): readonly string[] {
  const { after, lineAfter, lineBefore } = cursor;
  const lines = isAtLineStart({ cursor }) ? lineBefore + after : after.slice(lineAfter.length);
  return lines
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(0, suffixLineCount);
}

/** A line of generated text that has ended. */
interface Line {
  readonly index: number;
  /** Where it begins in the generated text. */
  readonly start: number;
  readonly text: string;
  /** With what is before the cursor, if it is the first. */
  readonly whole: string;
}

/** Follows a completion line by line. */
export class BlockCut {
  readonly #place: CompletionPlace;
  #wanted: LinesWanted;
  readonly #nextLines: readonly string[];
  #scope: Scope;
  /** Whether nothing is wanted but the body of a block that the text itself has opened. */
  #isBodyAlone = false;
  /** Least indentation that belongs to the completion; null until the first generated line shows it. */
  #innerIndent: number | null;
  #blankRun = 0;
  /** Lines so far that are not blank, and where each ends. */
  readonly #lines: { readonly whole: string; readonly end: number }[] = [];
  #walk: ScopeWalk = { leavesAt: null, openedCount: 0, closedCount: 0 };

  constructor(place: CompletionPlace, wanted: LinesWanted) {
    this.#place = place;
    this.#wanted = wanted;
    this.#nextLines = linesAfter(place.cursor);
    this.#scope = scopeOf(place);
    this.#innerIndent = this.#scope.innerIndent;
  }

  find(text: string): Cut | null {
    let start = 0;
    for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
      const whole = index === 0 ? this.#place.cursor.lineBefore + line : line;
      const cut = this.#see({ index, start, text: line, whole }, text.slice(0, start + line.length));
      if (cut !== null) return cut;
      start += line.length + 1;
    }
    return null;
  }

  /** `soFar` ends with the line. */
  #see(line: Line, soFar: string): Cut | null {
    const { inserted } = this.#place;
    const shape = inserted.shapeOf(soFar);
    const isQuoted = inserted.isQuotationLong || beginsQuoted(shape, line.start);
    const before = this.#walk;
    const ended = endOfQuotation(this.#place, line, soFar) ?? this.#leftByMarks(line, shape, soFar);
    if (ended !== null) return ended;
    const isBlank = line.whole.trim() === '';
    const isFree = !isQuoted && !isBlank && before.openedCount === 0;
    const left = isFree && (line.index > 0 || this.#wanted === 'several') ? this.#leftByIndent(line) : null;
    if (this.#wanted === 'statement' && !isQuoted && this.#opensBody(line)) {
      const openerIndent = indentWidth(line.whole);
      this.#wanted = 'several';
      this.#isBodyAlone = true;
      this.#innerIndent = openerIndent + 1;
      this.#scope = { opened: true, openerIndent, innerIndent: this.#innerIndent };
      return this.#repeated(line);
    }
    if (this.#wanted === 'several' && !isQuoted && this.#isHeadOfWhatFollows(line, shape)) {
      return this.#repeated(line) ?? { length: soFar.length, reason: 'scopeEnd' };
    }
    if (left === null && this.#isEnough(line, soFar)) {
      return this.#repeated(line) ?? { length: soFar.length, reason: 'lineEnd' };
    }
    if (isBlank) {
      if (line.index > 0) this.#blankRun += 1;
      return this.#blankRun >= 2 && !isQuoted ? cutBefore(line, 'scopeEnd') : null;
    }
    const cut = left ?? this.#repeated(line) ?? this.#looped(line, isQuoted);
    this.#blankRun = 0;
    if (cut !== null) return cut;
    const hasClosed = this.#walk.closedCount > 0 && this.#walk.openedCount === 0;
    return hasClosed ? { length: soFar.length, reason: 'scopeEnd' } : null;
  }

  /** Whether no line is wanted after one that has just ended. A statement goes on while it would break the code. */
  #isEnough({ index }: Line, soFar: string): boolean {
    if (this.#wanted !== 'statement') return this.#wanted === 'one';
    if (this.#walk.openedCount > 0) return false;
    if (index >= mostLinesToGoOn || soFar.trim() === '') return true;
    const joined = joinedText(soFar, this.#place, { endsLine: true });
    return this.#place.inserted.shapeOf(joined).addedErrors <= 0;
  }

  /** Whether the cursor's line opens a block, where indentation shows blocks, and the document has nothing in it. */
  #opensBody({ index, whole }: Line): boolean {
    const { cursor, rules } = this.#place;
    if (index > 0 || rules.endsByMarks || cursor.lineAfter.trim() !== '' || this.#walk.openedCount > 0)
      return false;
    if (rules.opener?.test(whole.trimEnd()) !== true) return false;
    return indentOfNext(cursor) <= indentWidth(whole);
  }

  /** Whether the first line opens a block that the document has already: deeper lines, or a closer that nothing has opened. */
  #isHeadOfWhatFollows({ index, whole }: Line, { addedErrors }: InsertedShape): boolean {
    const { cursor, rules } = this.#place;
    if (index > 0 || cursor.lineAfter.trim() !== '') return false;
    if (rules.endsByMarks) return this.#walk.openedCount > 0 && addedErrors < 0;
    if (this.#walk.openedCount > 0 || rules.opener?.test(whole.trimEnd()) !== true) return false;
    return indentOfNext(cursor) > indentWidth(whole);
  }

  /** A bracket or word that closes what is closed already. */
  #leftByMarks(line: Line, shape: InsertedShape, soFar: string): Cut | null {
    const { blocks, quotation } = this.#place.inserted;
    if (quotation !== null) return null;
    this.#walk = walkScope(soFar, shape.marks, blocks);
    const { leavesAt } = this.#walk;
    if (leavesAt === null || leavesAt < line.start) return null;
    const isFirst = soFar.slice(line.start, leavesAt).trim() === '';
    return isFirst && line.index > 0 ? cutBefore(line, 'scopeEnd') : { length: leavesAt, reason: 'scopeEnd' };
  }

  #leftByIndent(line: Line): Cut | null {
    const { cursor, rules, inserted } = this.#place;
    if (line.index === 0 && cursor.lineBefore.trim() !== '') return null;
    const indent = indentWidth(line.whole);
    this.#innerIndent ??= indent;
    // Outside of any block a new paragraph is the end.
    const isParagraph = this.#blankRun > 0 && this.#lines.length > 0 && indent <= this.#innerIndent;
    const isOutermost = rules.endsByMarks || this.#innerIndent === 0;
    if (isParagraph && isOutermost && inserted.blocks.length === 0) return cutBefore(line, 'scopeEnd');
    const isInBrackets = rules.continuation !== null && inserted.blocks.length > 0;
    if (rules.endsByMarks || isInBrackets || indent >= this.#innerIndent) return null;
    const trimmed = line.whole.trim();
    if (!this.#isBodyAlone && !definition.test(trimmed) && indent > Math.max(0, indentOfNext(cursor))) {
      // What follows in the document is outside of this block, too, so that the end of it is still to be written.
      this.#innerIndent = indent;
      return null;
    }
    if (this.#completesBlock(trimmed, indent)) {
      this.#innerIndent = indent + 1;
      return null;
    }
    const { opened, openerIndent } = this.#scope;
    if (opened && indent === openerIndent && rules.continuation?.test(trimmed) === true) return null;
    const closes = opened && indent >= openerIndent && closingLine.test(trimmed);
    if (!closes) return cutBefore(line, 'scopeEnd');
    return this.#repeated(line) ?? { length: line.start + line.text.length, reason: 'scopeEnd' };
  }

  /** Whether a line is one without which the block that the cursor is in would be incomplete, such as the first `except`. */
  #completesBlock(line: string, indent: number): boolean {
    const { cursor, rules } = this.#place;
    const { incomplete } = rules;
    if (incomplete?.continuation.test(line) !== true) return false;
    const isOutside = (other: string): boolean => other.trim() !== '' && indentWidth(other) <= indent;
    const head = cursor.before.split('\n').slice(0, -1).findLast(isOutside) ?? '';
    const next = cursor.after.split('\n').slice(1).find(isOutside) ?? '';
    const isHead = indentWidth(head) === indent && incomplete.head.test(head.trim());
    return isHead && !(indentWidth(next) === indent && incomplete.continuation.test(next.trim()));
  }

  /** The next line after the cursor counts whatever it is; later ones only when they say something. Above, the nearest line. */
  #repeated(line: Line): Cut | null {
    if (line.index === 0) {
      return line.text.trim() !== '' && repeatsNeighbour(line.text, this.#place)
        ? { length: 0, reason: 'repeatedSuffix' }
        : null;
    }
    const trimmed = line.whole.trimEnd();
    const [next, ...later] = this.#nextLines;
    // A line of closers alone is seen to by what it closes.
    const isNext = trimmed === next && !(this.#place.rules.endsByMarks && /^[)\]};,\s]*$/.test(trimmed));
    const isLater = later.some((other) => other === trimmed && /\w{3,}.*\W/.test(other));
    return isNext || isLater ? cutBefore(line, 'repeatedSuffix') : null;
  }

  /** The same line, or the same few lines, again and again. */
  #looped(line: Line, isQuoted: boolean): Cut | null {
    this.#lines.push({ whole: line.whole, end: line.start + line.text.length });
    if (isQuoted) return null;
    for (let period = 1; period <= longestPeriod; period++) {
      const first = this.#lines.length - period * repetitionLimit;
      if (first < 0) return null;
      const run = this.#lines.slice(first);
      const isLoop = run.every(({ whole }, index) => whole === run[index % period]?.whole);
      const kept = run[period - 1];
      if (isLoop && kept !== undefined) return { length: kept.end, reason: 'repetition' };
    }
    return null;
  }
}

/** What indentation says of the place. */
interface Scope {
  /** The cursor's line has just opened a block. */
  readonly opened: boolean;
  readonly openerIndent: number;
  readonly innerIndent: number | null;
}

function scopeOf({ cursor, opensBlock }: CompletionPlace): Scope {
  const indent = indentWidth(cursor.lineBefore);
  if (cursor.lineBefore.trim() === '') {
    return { opened: false, openerIndent: indent, innerIndent: indent > 0 ? indent : null };
  }
  return { opened: opensBlock, openerIndent: indent, innerIndent: opensBlock ? indent + 1 : indent };
}

/** Indentation of the next line of the document that is not blank; -1 where there is none. */
function indentOfNext({ after }: CompletionPlace['cursor']): number {
  const next = after
    .split('\n')
    .slice(1)
    .find((line) => line.trim() !== '');
  return next === undefined ? -1 : indentWidth(next);
}

function beginsQuoted({ quotations }: InsertedShape, lineStart: number): boolean {
  return lineStart > 0 && quotationAt(quotations, lineStart) !== null;
}

/** Where the text ends the string that the cursor is in, if that has its end already. */
function endOfQuotation({ inserted }: CompletionPlace, line: Line, soFar: string): Cut | null {
  if (inserted.delimiter === null) return null;
  const at = indexOfDelimiter(soFar, inserted.delimiter);
  return at === null || at < line.start ? null : { length: at, reason: 'scopeEnd' };
}

/** The first that is not escaped; null for none. */
function indexOfDelimiter(text: string, delimiter: string): number | null {
  for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + 1)) {
    const backslashes = /\\*$/.exec(text.slice(0, at))?.[0].length ?? 0;
    if (backslashes % 2 === 0) return at;
  }
  return null;
}

function cutBefore(line: Line, reason: Cut['reason']): Cut {
  return { length: Math.max(0, line.start - 1), reason };
}
