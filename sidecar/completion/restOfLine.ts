import { isSubsequence } from '../../protocol/isSubsequence.ts';
import { leadOf } from '../../protocol/leadOf.ts';
import { longestRest } from '../../protocol/longestRest.ts';
import { repeatsLineAround } from './blockCut.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { isAtLineStart } from './joinedText.ts';
import { saysSomething } from './saysSomething.ts';

/** Ends a statement, an entry of a list or the head of a block. An editor that closes brackets leaves it to be typed. */
const endMark = /[;,:]$/;

/** A text, and how much of the cursor's line it takes the place of. */
interface ReplacingText {
  readonly text: string;
  /** UTF-16 units after the cursor; white space at the line's end is never among them. */
  readonly replacedLength: number;
}

/** What a model wrote, line ends `\n`. */
interface Written {
  readonly raw: string;
  /** The token limit may have broken its last line off. */
  readonly wasTruncated: boolean;
}

/**
 * The beginning of what a model wrote, up to the end of a line, which takes the place of the rest of the cursor's line: the model
 * wrote that rest itself, all of it and in its order, after the text that would be inserted alone. Accepting it ends the line. Null
 * where it did not.
 */
export function withRestOfLine(text: string, written: Written, place: CompletionPlace): ReplacingText | null {
  const rest = place.cursor.lineAfter.trimEnd();
  // A text before all that the line says is a line of its own.
  if (!place.mayReplaceRest || rest === '' || rest.length > longestRest || isAtLineStart(place)) return null;
  const { raw, wasTruncated } = written;
  const lineEndAt = raw.indexOf('\n', text.length);
  if (!raw.startsWith(text) || (lineEndAt < 0 && wasTruncated)) return null;
  const line = withEndMark(raw.slice(0, lineEndAt < 0 ? raw.length : lineEndAt).trimEnd(), rest, place);
  const following = line.slice(text.length);
  const isNext = text !== '' && following.startsWith(rest) && following.length - rest.length <= 1;
  if (isNext && (following === rest || endMark.test(following)))
    return { text: line, replacedLength: rest.length };
  return hasRestWithin(text, line, rest, place) ? { text: line, replacedLength: rest.length } : null;
}

/**
 * Whether a line has a rest of brackets and marks with more between or after them, as `a): boolean {` has `) {`, and adds no more
 * errors to the document than the text alone. Never where errors cannot be counted.
 */
function hasRestWithin(text: string, line: string, rest: string, place: CompletionPlace): boolean {
  const following = line.slice(text.length);
  const begins = following.trimStart()[0] === rest.trimStart()[0];
  if (saysSomething(rest) || !begins || following.trim() === rest.trim() || !isSubsequence(rest, following))
    return false;
  const [alone, whole] = [place.inserted.shapeOf(text), place.inserted.shapeOf(line, rest.length)];
  if (!alone.knowsErrors || !whole.knowsErrors || whole.addedErrors > alone.addedErrors) return false;
  return !repeatsLineAround(line, place, rest.length);
}

/** A line without the mark at its end, unless the rest has one as well or lines around the cursor end so. */
function withEndMark(line: string, rest: string, place: CompletionPlace): string {
  const mark = endMark.exec(line)?.[0];
  if (mark === undefined || rest.endsWith(mark) || (!saysSomething(rest) && endsLinesWith(mark, place)))
    return line;
  return line.slice(0, -1);
}

/**
 * Whether lines around the cursor end so: a file may do without semicolons. A comma is one of a list, whose lines are indented alike;
 * elsewhere it would make another value of the line's.
 */
function endsLinesWith(mark: string, { cursor }: CompletionPlace): boolean {
  const above = cursor.before.split('\n');
  const lead = leadOf(above.at(-1) ?? '');
  const below = cursor.after.split('\n').slice(1);
  return [...above.slice(0, -1), ...below].some(
    (line) => line.trimEnd().endsWith(mark) && (mark !== ',' || leadOf(line) === lead),
  );
}
