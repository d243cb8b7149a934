import type { CompletionPlace } from './completionPlace.ts';
import { isAtLineStart } from './joinedText.ts';

/** A rest longer than this may go on beyond what was read of the document. UTF-16 units. */
const longestRest = 200;

/**
 * The rest of the cursor's line, if the model wrote that rest itself after what is inserted, and ended the line: a completion
 * then replaces it by the same, so that accepting it ends the line. Empty where the text is inserted alone, so never with a
 * word that the model did not write. White space at the line's end is left out.
 */
export function replacedRest(
  inserted: string,
  { raw, wasTruncated }: { readonly raw: string; readonly wasTruncated: boolean },
  place: CompletionPlace,
): string {
  const rest = place.cursor.lineAfter.trimEnd();
  // A text before all that the line says is a line of its own.
  if (rest === '' || rest.length > longestRest || isAtLineStart(place)) return '';
  if (!raw.startsWith(inserted + rest)) return '';
  const following = /^[ \t]*(\n?)/.exec(raw.slice(inserted.length + rest.length));
  const isAtEnd = raw.length === inserted.length + rest.length + (following?.[0].length ?? 0);
  return following?.[1] === '\n' || (isAtEnd && !wasTruncated) ? rest : '';
}
