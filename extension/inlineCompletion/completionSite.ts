import type { AssumedText, DocumentPosition, DocumentRange } from '../../protocol/messages.ts';
import { toLineFeeds } from '../../protocol/toLineFeeds.ts';
import { type CursorWindow, type Insertion, isSamePlace, windowReach } from './cursorWindow.ts';

/** A document as far as completions at a place look at it. */
export interface ReadDocument {
  readonly uri: string;
  readonly languageId: string;
  readonly lineEnd: '\n' | '\r\n';
  offsetAt(position: DocumentPosition): number;
  /** Text between two offsets; what lies outside of the document is left out. */
  textBetween(from: number, to: number): string;
}

/**
 * Where a completion goes on: at the cursor, or after the entry that is selected in the list of suggestions, as if that entry
 * were in the document. So an entry that is found by other letters or another case is completed like any other.
 */
export interface CompletionSite {
  readonly position: DocumentPosition;
  readonly selected: AssumedText | null;
}

/** The text around a site. A completion that was found without the entry fits there if it goes on as the entry does. */
export function windowAt(document: ReadDocument, { position, selected }: CompletionSite): CursorWindow {
  const range = selected?.range ?? { start: position, end: position };
  const [from, to] = [document.offsetAt(range.start), document.offsetAt(range.end)];
  return {
    uri: document.uri,
    languageId: document.languageId,
    position,
    assumed: selected,
    before: toLineFeeds(document.textBetween(from - windowReach.before, from) + (selected?.text ?? '')),
    after: toLineFeeds(document.textBetween(to, to + windowReach.after)),
  };
}

/**
 * Whether a window is that of a cursor in a document. The entry that it assumes to be there counts as still selected: nothing but
 * a request says which one is.
 */
export function hasWindow(document: ReadDocument, position: DocumentPosition, window: CursorWindow): boolean {
  const { line, character } = window.position;
  if (position.line !== line || position.character !== character) return false;
  return isSamePlace(windowAt(document, { position, selected: window.assumed }), window);
}

/**
 * Whether the text that an offer replaces is the same after every cursor: VS Code makes the edit at each. `rests`: what the
 * cursors' lines say after them. Pure.
 */
export function fitsAllCursors({ replacedLength }: Insertion, rests: readonly string[]): boolean {
  return new Set(rests.map((rest) => rest.slice(0, replacedLength))).size <= 1;
}

/** What an editor inserts for an offer, and the text that it replaces. */
export interface PlacedOffer {
  readonly insertText: string;
  readonly range: DocumentRange;
  /** Whether the range reaches over text after the cursor to the end of its line. */
  readonly replacesToLineEnd: boolean;
}

/**
 * An offer as an editor takes it, in the document's line ends. Beside a list of suggestions VS Code shows an offer only if its
 * range begins where that of the selected entry begins and reaches as far at least, and if its text begins with the entry's.
 */
export function placeOffer(
  { text, replacedLength }: Insertion,
  { position, selected }: CompletionSite,
  document: Pick<ReadDocument, 'lineEnd' | 'offsetAt' | 'textBetween'>,
): PlacedOffer {
  const { start, end: site } = selected?.range ?? { start: position, end: position };
  const end = { line: site.line, character: site.character + replacedLength };
  const offset = document.offsetAt(end);
  return {
    insertText: (selected?.text ?? '') + text.replaceAll('\n', document.lineEnd),
    range: { start, end },
    replacesToLineEnd: replacedLength > 0 && /^(?:[\r\n]|$)/.test(document.textBetween(offset, offset + 1)),
  };
}
