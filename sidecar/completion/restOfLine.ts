import { isSubsequence } from '../../protocol/isSubsequence.ts';
import { leadOf } from '../../protocol/leadOf.ts';
import { repeatsLineAround } from './blockCut.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { isAtLineStart } from './joinedText.ts';

/** A rest longer than this may go on beyond what was read of the document. UTF-16 units. */
const longestRest = 200;

/** What a model may write after the rest of a line that only closes: an editor that closes brackets leaves it out. */
const lineEnding = /^[;,:]?/;
const onlyLineEnding = /^[;,:]?$/;

const saysSomething = /[\p{L}\p{N}]/u;

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
 * A text that is ready to be inserted, together with the rest of the cursor's line if the model wrote that rest itself, all
 * of it and in its order, and ended the line: accepting it then ends the line. What is inserted alone otherwise.
 */
export function withRestOfLine(text: string, written: Written, place: CompletionPlace): ReplacingText {
  const alone = { text, replacedLength: 0 };
  const rest = place.cursor.lineAfter.trimEnd();
  // A text before all that the line says is a line of its own.
  if (!place.mayReplaceRest || rest === '' || rest.length > longestRest || isAtLineStart(place)) return alone;
  return withRestNext(text, rest, written, place) ?? withRestWithin(text, rest, written, place) ?? alone;
}

/**
 * The rest comes straight after the text. The document is the one with the text alone, but for a `;`, `,` or `:` that the
 * model wrote after closers.
 */
function withRestNext(
  text: string,
  rest: string,
  { raw, wasTruncated }: Written,
  place: CompletionPlace,
): ReplacingText | null {
  if (!raw.startsWith(text + rest)) return null;
  const following = raw.slice(text.length + rest.length);
  const written = lineEnding.exec(following)?.[0] ?? '';
  const ending = saysSomething.test(rest) || !endsLinesWith(written, place) ? '' : written;
  const [blank = '', lineEnd] = /^[ \t]*(\n?)/.exec(following.slice(ending.length)) ?? [];
  const isAtEnd = following.length === ending.length + blank.length;
  const endsLine = lineEnd === '\n' || (isAtEnd && !wasTruncated);
  return endsLine ? { text: text + rest + ending, replacedLength: rest.length } : null;
}

/**
 * The rest is brackets and marks that the model wrote with more between or after them, as `) {` in `a): boolean {`: the line is the
 * model's. Only if that line closes and opens what the rest does, and adds no more errors than the text alone.
 */
function withRestWithin(
  text: string,
  rest: string,
  { raw, wasTruncated }: Written,
  place: CompletionPlace,
): ReplacingText | null {
  const lineEnd = raw.indexOf('\n');
  if (saysSomething.test(rest) || (lineEnd < 0 && wasTruncated)) return null;
  const line = raw.slice(0, lineEnd < 0 ? raw.length : lineEnd).trimEnd();
  const following = line.slice(text.length);
  const isWritten =
    line.startsWith(text) && following.trimStart()[0] === rest.trimStart()[0] && isSubsequence(rest, following);
  // Whether a mark at the end is wanted has been decided.
  const isRestAlone = following.startsWith(rest) && onlyLineEnding.test(following.slice(rest.length));
  if (!isWritten || isRestAlone || balanceOf(following) !== balanceOf(rest)) return null;
  const { inserted } = place;
  const more = inserted.shapeOf(line, rest.length).addedErrors - inserted.shapeOf(text).addedErrors;
  if (more > 0 || repeatsLineAround(line, place, rest.length)) return null;
  return { text: line, replacedLength: rest.length };
}

/** How many brackets of each kind a text opens beyond those that it closes, as a text to compare. */
function balanceOf(text: string): string {
  const count = (character: string): number => text.split(character).length;
  return ['()', '[]', '{}'].map(([open = '', close = '']) => count(open) - count(close)).join(' ');
}

/**
 * Whether lines around the cursor end so: a file may do without semicolons. A comma is one of a list, whose lines are indented alike;
 * elsewhere it would make another value of the line's.
 */
function endsLinesWith(ending: string, { cursor }: CompletionPlace): boolean {
  const above = cursor.before.split('\n');
  const lead = leadOf(above.at(-1) ?? '');
  const below = cursor.after.split('\n').slice(1);
  return [...above.slice(0, -1), ...below].some(
    (line) => line.trimEnd().endsWith(ending) && (ending !== ',' || leadOf(line) === lead),
  );
}
