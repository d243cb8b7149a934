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
 * The model's text up to a line end, if it has the whole rest of the cursor's line after `text`, in its order. It takes the place of
 * that rest, so that accepting it ends the line. Null otherwise.
 */
export function withRestOfLine(text: string, written: Written, place: CompletionPlace): ReplacingText | null {
  const rest = place.cursor.lineAfter.trimEnd();
  // A text before all that the line says is a line of its own.
  if (!place.mayReplaceRest || rest === '' || rest.length > longestRest || isAtLineStart(place)) return null;
  const { raw, wasTruncated } = written;
  const lineEndAt = raw.indexOf('\n', text.length);
  if (!raw.startsWith(text) || (lineEndAt < 0 && wasTruncated)) return null;
  const line = raw.slice(0, lineEndAt < 0 ? raw.length : lineEndAt).trimEnd();
  const ended = hasWantedEnd(line, rest, place) ? line : line.slice(0, -1);
  const next = text + rest;
  const isRestNext = text !== '' && (ended === next || (endMark.test(ended) && ended.slice(0, -1) === next));
  const isWhole = isRestNext || hasRestWithin(text, ended, rest, place);
  return isWhole ? { text: ended, replacedLength: rest.length } : null;
}

/**
 * Whether a line has a rest of brackets and marks with more between or after them, as `a): boolean {` has `) {`, and adds no more
 * errors to the document than the text alone. Never where errors cannot be counted.
 */
function hasRestWithin(text: string, line: string, rest: string, place: CompletionPlace): boolean {
  const following = line.slice(text.length);
  const begins = following.trimStart()[0] === rest.trimStart()[0];
  // A mark after the rest alone is not worth showing.
  const hasMore = withoutMark(following) !== withoutMark(rest);
  if (saysSomething(rest) || !begins || !hasMore || !isSubsequence(rest, following)) return false;
  const [alone, whole] = [place.inserted.shapeOf(text), place.inserted.shapeOf(line, rest.length)];
  if (!alone.knowsErrors || !whole.knowsErrors || whole.addedErrors > alone.addedErrors) return false;
  return !repeatsLineAround(line, place, rest.length);
}

function withoutMark(text: string): string {
  return text.replace(endMark, '').trim();
}

/**
 * Whether a line that takes the place of a rest is to end as the model wrote it. A mark at its end that the rest has not is wanted
 * if it removes an error, or adds none where lines around the cursor end so and are not the same.
 */
function hasWantedEnd(line: string, rest: string, place: CompletionPlace): boolean {
  const mark = endMark.exec(line)?.[0];
  if (mark === undefined || rest.endsWith(mark)) return true;
  const errorsOf = (text: string): number => place.inserted.shapeOf(text, rest.length).addedErrors;
  const added = errorsOf(line) - errorsOf(line.slice(0, -1));
  const isUsual = !saysSomething(rest) && endsLinesWith(mark, place);
  return added < 0 || (added === 0 && isUsual && !repeatsLineAround(line, place, rest.length));
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
