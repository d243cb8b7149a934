import { leadOf } from '../../protocol/leadOf.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { isAtLineStart } from './joinedText.ts';

/** A rest longer than this may go on beyond what was read of the document. UTF-16 units. */
const longestRest = 200;

/** What a model may write after the rest of a line that only closes: an editor that closes brackets leaves it out. */
const lineEnding = /^[;,:]?/;

/** The end of a completion that takes the place of the rest of the cursor's line. */
export interface ReplacedRest {
  /** What is written instead of it: the same, and the `;`, `,` or `:` that the model wrote after closers. */
  readonly text: string;
  /** UTF-16 units of the rest, white space at the line's end left out; 0 where the text is inserted alone. */
  readonly length: number;
}

/**
 * Replaces the rest of the cursor's line if the model wrote that rest itself after what is inserted, and ended the line, so
 * that accepting the completion ends the line. Never with a word in it that the model did not write.
 */
export function replacedRest(
  inserted: string,
  { raw, wasTruncated }: { readonly raw: string; readonly wasTruncated: boolean },
  place: CompletionPlace,
): ReplacedRest {
  const alone: ReplacedRest = { text: '', length: 0 };
  const rest = place.cursor.lineAfter.trimEnd();
  // A text before all that the line says is a line of its own.
  if (rest === '' || rest.length > longestRest || isAtLineStart(place)) return alone;
  if (!raw.startsWith(inserted + rest)) return alone;
  const following = raw.slice(inserted.length + rest.length);
  const written = lineEnding.exec(following)?.[0] ?? '';
  const ending = /[\p{L}\p{N}]/u.test(rest) || !endsLinesWith(written, place) ? '' : written;
  const [blank = '', lineEnd] = /^[ \t]*(\n?)/.exec(following.slice(ending.length)) ?? [];
  const isAtEnd = following.length === ending.length + blank.length;
  const endsLine = lineEnd === '\n' || (isAtEnd && !wasTruncated);
  return endsLine ? { text: rest + ending, length: rest.length } : alone;
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
