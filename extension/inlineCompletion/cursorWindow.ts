import type { AssumedText, DocumentPosition } from '../../protocol/messages.ts';

/** Text around a cursor, with line ends `\n`, and enough of it to find an anchor that was typed past. */
export interface CursorWindow {
  readonly uri: string;
  readonly languageId: string;
  /** Where the cursor is in its document, as that counts. */
  readonly position: DocumentPosition;
  /** Part of `before` that the document has not: an entry that is selected in the list of suggestions, in place of its range. */
  readonly assumed: AssumedText | null;
  readonly before: string;
  readonly after: string;
}

/** What decides where a completion belongs: nothing else of a document is compared. */
export interface Anchor {
  readonly languageId: string;
  /** At most `anchorBefore` units. */
  readonly before: string;
  /** Text after what the completion replaces, at most `anchorAfter` units. */
  readonly after: string;
}

/** A text to insert at a cursor; it takes the place of the next `replacedLength` units, which are in the same line. */
export interface Insertion {
  /** With line ends `\n`. */
  readonly text: string;
  readonly replacedLength: number;
}

/** As much of a document as a prompt can show: what is farther away changes no completion. UTF-16 units. */
export const anchorBefore = 3072;
export const anchorAfter = 768;
/** What may be typed until an anchor is given up. */
export const longestTyped = 512;
/** What is read of a document around a cursor. Line ends of two units take one in a window, so there is some to spare. */
export const windowReach = { before: 4096, after: 1024 };

/** Where something belongs that is inserted at a cursor and replaces so much after it. */
export function anchorOf({ languageId, before, after }: CursorWindow, replacedLength: number): Anchor {
  return {
    languageId,
    before: before.slice(-anchorBefore),
    after: after.slice(replacedLength, replacedLength + anchorAfter),
  };
}

/** The window after something was inserted, its cursor after that. `position` stays where the document has it now. */
export function windowWith(window: CursorWindow, { text, replacedLength }: Insertion): CursorWindow {
  return { ...window, before: window.before + text, after: window.after.slice(replacedLength) };
}

/** What to assume in the document for a window after something more was inserted there, in line ends of the document. */
export function assumedWith(
  { position, assumed }: CursorWindow,
  { text, replacedLength }: Insertion,
  lineEnd: '\n' | '\r\n',
): AssumedText {
  const { start, end } = assumed?.range ?? { start: position, end: position };
  return {
    range: { start, end: { line: end.line, character: end.character + replacedLength } },
    text: (assumed?.text ?? '') + text.replaceAll('\n', lineEnd),
  };
}

/** Whether two windows are of the same place, with the same text around it. */
export function isSamePlace(a: CursorWindow, b: CursorWindow): boolean {
  return (
    a.uri === b.uri &&
    a.before.slice(-anchorBefore) === b.before.slice(-anchorBefore) &&
    a.after.slice(0, anchorAfter) === b.after.slice(0, anchorAfter)
  );
}
