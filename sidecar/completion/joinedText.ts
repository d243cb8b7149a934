import { leadOf } from '../../protocol/leadOf.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { indentWidth } from './indentWidth.ts';
import { saysSomething } from './saysSomething.ts';

/**
 * A cut text as it is inserted: without white space at its end and without what follows the cursor already, or with a line
 * end where it is a line above the one that the cursor is at the beginning of. `endsLine`: the model ended the line itself.
 * Where there are several ways, it is the one that leaves the fewest errors.
 */
export function joinedText(
  kept: string,
  place: CompletionPlace,
  { endsLine }: { readonly endsLine: boolean },
): string {
  const { cursor, inserted } = place;
  const trimmed = kept.trimEnd();
  const without = withoutOverlap(trimmed, place);
  const joined = without + closingBlank(kept, place);
  if (!isAtLineStart(place) || inserted.quotation !== null || trimmed.trim() === '') return joined;
  const indentWith = (rest: string): number => indentWidth(cursor.lineBefore + rest);
  // The line that the cursor is in lacks a part of its indentation: the text begins with it.
  if (cursor.lineBefore !== '' && indentWith(trimmed) !== indentWith(cursor.lineAfter)) return joined;
  const above = `${trimmed}\n${cursor.lineBefore}`;
  const difference = inserted.shapeOf(above).addedErrors - inserted.shapeOf(joined).addedErrors;
  // A text that ends with the rest of the line was meant to be part of it, unless that is all it says.
  const isLine = endsLine && (without === trimmed || without.trim() === '');
  return difference < 0 || (difference === 0 && isLine) ? above : joined;
}

/** Whether the cursor is before all that its line says. */
export function isAtLineStart({ cursor }: Pick<CompletionPlace, 'cursor'>): boolean {
  return cursor.lineBefore.trim() === '' && cursor.lineAfter.trim() !== '';
}

/** What belongs between a completion and the closing half right after the cursor: a blank, or the half's own line. */
function closingBlank(kept: string, { cursor, reach, inserted }: CompletionPlace): string {
  if (!inserted.endsInOpening || !/^[ \t]*(?:[)\]}]|<\/)/.test(cursor.lineAfter))
    return blankAtEnd(kept, cursor.lineAfter);
  const isOnLines = reach !== 'singleLine' && /^[ \t]*\n/.test(kept);
  if (isOnLines) return `\n${leadOf(cursor.lineBefore)}`;
  return kept.includes('\n') ? '' : blankAtEnd(kept, cursor.lineAfter);
}

/**
 * The text without what follows the cursor in its line already, if its end says that again: the most of it that leaves the
 * fewest errors. Brackets were seen to before, so that without a grammar an overlap of brackets and quotes is left alone.
 */
function withoutOverlap(text: string, { cursor, inserted }: CompletionPlace): string {
  const rest = cursor.lineAfter.trim();
  const shorter: string[] = [];
  let best = { text, errors: inserted.shapeOf(text).addedErrors };
  for (let length = Math.min(rest.length, text.length); length > 0; length -= 1) {
    if (!text.endsWith(rest.slice(0, length))) continue;
    const without = withoutBlanksTwice(text.slice(0, text.length - length), cursor.lineAfter);
    const isQuoted = inserted.quotation !== null || isQuoteOpen(cursor.lineBefore, rest);
    if (isSaidAgain(rest, length, isQuoted)) shorter.push(without);
    else {
      const errors = inserted.shapeOf(without).addedErrors;
      if (errors < best.errors) best = { text: without, errors };
    }
  }
  for (const without of shorter.toReversed()) {
    const errors = inserted.shapeOf(without).addedErrors;
    if (errors <= best.errors) best = { text: without, errors };
  }
  return best.text;
}

/** The text without blanks at its end that the rest of the line begins with, too; what indents that rest may lack some. */
function withoutBlanksTwice(text: string, lineAfter: string): string {
  const blanks = leadOf(lineAfter).length;
  if (blanks === 0) return text;
  const kept = text.replace(/[ \t]+$/, '');
  return kept.endsWith('\n') ? text.slice(0, Math.max(kept.length, text.length - blanks)) : kept;
}

/** A blank that a text ends with in front of the rest of the line, if that does not begin with one itself. */
function blankAtEnd(text: string, lineAfter: string): string {
  return /^\S/.test(lineAfter) ? (/(?<=\S)[ \t]+$/.exec(text)?.[0] ?? '') : '';
}

/** Whether the rest of a line begins with a quote that the line has opened, as far as counting shows. */
function isQuoteOpen(lineBefore: string, rest: string): boolean {
  const quote = /^["'`]/.exec(rest)?.[0];
  return quote !== undefined && lineBefore.split(quote).length % 2 === 0;
}

/** Whether the first `length` characters of the rest of a line are a repetition wherever they end a text. */
function isSaidAgain(rest: string, length: number, isQuoted: boolean): boolean {
  const overlap = rest.slice(0, length);
  if (isQuoted || /^[;,\s]+$/.test(overlap)) return true;
  const isWhole = length === rest.length;
  // One or two letters in common say nothing.
  if (saysSomething(overlap)) return isWhole || length >= 3;
  return isWhole && /^(?:["'`>:]|\/>)/.test(overlap);
}
