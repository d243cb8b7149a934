import type { SuppressedReason } from '../../protocol/health.ts';
import { type Cut, keptOfLine, repeatsLineAround } from './blockCut.ts';
import { findCut } from './completionCut.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { joinedText } from './joinedText.ts';
import { fromCursor } from './cursorContext.ts';
import { inDocumentIndent } from './indentation.ts';
import { withRestOfLine } from './restOfLine.ts';

/**
 * A completion ready to insert, or why there is none.
 * `generatedLength` counts the characters of generated text it was made from: what came after them does not
 * depend on the request alone, since generation ends a few tokens after the cut is noticed.
 */
export type FinishedCompletion =
  | {
      readonly type: 'text';
      readonly text: string;
      /** UTF-16 units after the cursor that the text replaces. */
      readonly replacedLength: number;
      readonly generatedLength: number;
    }
  | { readonly type: 'suppressed'; readonly reason: SuppressedReason };

/** Lines that are left off at most to find a text that breaks nothing. */
const mostLinesLeftOff = 8;

/**
 * Turns generated text into what is inserted: indented as the document is, cut by the stop rules, without an unfinished last line
 * where the token limit broke it off, and without what the rest of the line says already. Where the model wrote that rest itself, the
 * text takes its place (`withRestOfLine`). It has the document's line ends, and breaks no syntax. Pure.
 */
export function finishCompletion(
  generated: string,
  place: CompletionPlace,
  { wasTruncated }: { readonly wasTruncated: boolean },
): FinishedCompletion {
  const { cursor } = place;
  const written = wellFormed(fromCursor(generated, cursor)).replaceAll('\r\n', '\n');
  const indented = inDocumentIndent(written, place);
  const raw = indented.text;
  const alone = insertedAlone(raw, place, wasTruncated);
  // A model that has nothing to insert may still have more to say after a part of the rest.
  const inserted = alone.type === 'text' || alone.reason === 'duplicatesSuffix' ? alone.text : null;
  const replacing = inserted === null ? null : withRestOfLine(inserted, { raw, wasTruncated }, place);
  if (alone.type === 'nothing' && replacing === null) return { type: 'suppressed', reason: alone.reason };
  const { text, replacedLength } = replacing ?? { text: alone.text, replacedLength: 0 };
  const usedLength = replacing === null ? alone.usedLength : text.length;
  return {
    type: 'text',
    text: text.replaceAll('\n', cursor.lineEnd),
    replacedLength,
    generatedLength: generated.length - written.length + indented.generatedLength(usedLength),
  };
}

/** A text to insert, made of so much of what was written; or why there is none. */
type Inserted =
  | { readonly type: 'text'; readonly text: string; readonly usedLength: number }
  | {
      readonly type: 'nothing';
      readonly text: '';
      readonly usedLength: 0;
      readonly reason: SuppressedReason;
    };

function insertedAlone(raw: string, place: CompletionPlace, wasTruncated: boolean): Inserted {
  const cut = finalCut(raw, place, wasTruncated);
  const kept =
    cut === null ? withinLine(dropUnfinishedLine(raw, wasTruncated), place) : raw.slice(0, cut.length);
  if (kept === '')
    return nothing(raw === '' || cut?.reason === 'lineEnd' ? 'emptyCompletion' : 'duplicatesSuffix');
  const trimmed = kept.trimEnd();
  if (trimmed === '') return nothing(raw.trim() === '' ? 'onlyWhitespace' : 'duplicatesSuffix');
  const joined = (part: string): string =>
    joinedText(part, place, { endsLine: raw.startsWith('\n', part.length) });
  const shown = joined(kept);
  if (shown.trim() === '') return nothing('duplicatesSuffix');
  const text = wholeSyntax({ kept, shown }, place, joined);
  if (text === null) return nothing('breaksSyntax');
  if (repeatsLineAround(text, place)) return nothing('duplicatesSuffix');
  return { type: 'text', text, usedLength: trimmed.length };
}

function nothing(reason: SuppressedReason): Inserted {
  return { type: 'nothing', text: '', usedLength: 0, reason };
}

/** The cut with the last line taken for complete, as it is once the model has ended by itself. */
function finalCut(raw: string, place: CompletionPlace, wasTruncated: boolean): Cut | null {
  const cut = findCut(wasTruncated ? raw : `${raw}\n`, place, { isWhole: true });
  return cut === null || cut.length >= raw.length ? null : cut;
}

/** A single line that was broken off may have left the brackets of the cursor all the same. */
function withinLine(text: string, place: CompletionPlace): string {
  return text.includes('\n') ? text : text.slice(0, keptOfLine(text, place));
}

/** What is shown of a text that is kept, or of as many of its lines as add no error to the document; null where none do. */
function wholeSyntax(
  { kept, shown }: { readonly kept: string; readonly shown: string },
  { inserted }: CompletionPlace,
  joined: (part: string) => string,
): string | null {
  let [shorter, text] = [kept, shown];
  for (let leftOff = 0; leftOff <= mostLinesLeftOff; leftOff++) {
    if (text.trim() !== '' && inserted.shapeOf(text).addedErrors <= 0) return text;
    const lineEnd = shorter.trimEnd().lastIndexOf('\n');
    if (lineEnd <= 0) return null;
    shorter = shorter.slice(0, lineEnd);
    text = joined(shorter);
  }
  return null;
}

function dropUnfinishedLine(text: string, wasTruncated: boolean): string {
  const lastLine = text.lastIndexOf('\n');
  return wasTruncated && lastLine > 0 ? text.slice(0, lastLine) : text;
}

/** Text without halves of surrogate pairs, which an editor would show as a replacement character. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '');
}
