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
 * Turns generated text into what is inserted: indented as the document is, cut by the stop rules, without an unfinished last line when the token limit
 * broke it off, without what the rest of the line says already or instead of it (`withRestOfLine`), as long as it breaks no
 * syntax, with the document's line ends. Pure.
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
  const cut = finalCut(raw, place, wasTruncated);
  const kept =
    cut === null ? withinLine(dropUnfinishedLine(raw, wasTruncated), place) : raw.slice(0, cut.length);
  if (kept === '')
    return {
      type: 'suppressed',
      reason: raw === '' || cut?.reason === 'lineEnd' ? 'emptyCompletion' : 'duplicatesSuffix',
    };
  const trimmed = kept.trimEnd();
  if (trimmed === '')
    return { type: 'suppressed', reason: raw.trim() === '' ? 'onlyWhitespace' : 'duplicatesSuffix' };
  const shown = joinedText(kept, place, { endsLine: raw.startsWith('\n', kept.length) });
  if (shown.trim() === '') return { type: 'suppressed', reason: 'duplicatesSuffix' };
  const text = wholeSyntax(shown, place);
  if (text === null) return { type: 'suppressed', reason: 'breaksSyntax' };
  if (repeatsLineAround(text, place)) return { type: 'suppressed', reason: 'duplicatesSuffix' };
  const whole = withRestOfLine(text, { raw, wasTruncated }, place);
  return {
    type: 'text',
    text: whole.text.replaceAll('\n', cursor.lineEnd),
    replacedLength: whole.replacedLength,
    generatedLength: generated.length - written.length + indented.generatedLength(trimmed.length),
  };
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

/** The text, or as many of its lines as add no error to the document; null where none do. */
function wholeSyntax(text: string, { inserted }: CompletionPlace): string | null {
  let shorter = text;
  for (let leftOff = 0; leftOff <= mostLinesLeftOff; leftOff++) {
    if (shorter.trim() !== '' && inserted.shapeOf(shorter).addedErrors <= 0) return shorter;
    const lineEnd = shorter.trimEnd().lastIndexOf('\n');
    if (lineEnd <= 0) return null;
    shorter = shorter.slice(0, lineEnd).trimEnd();
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
