import { splitsPair, takeWindow, type WindowLimits } from './textWindow.ts';

/** What lies around a cursor, with line ends as `\n`: all that prompts and stop rules look at. */
export interface CursorContext {
  /** Text before the cursor, as much as the limits allow. */
  readonly before: string;
  readonly after: string;
  /**
   * The blank straight before the cursor, or nothing. It is left out of the prompt and generated again, because
   * tokens of code begin with their blank: behind one that stands alone, small models write a second one.
   */
  readonly regenerated: string;
  /** The part of the cursor's line before it, and the part behind it. */
  readonly lineBefore: string;
  readonly lineAfter: string;
  /** The document's own line end, which completions take over. */
  readonly lineEnd: '\n' | '\r\n';
  /** The cursor stands between the two halves of one character, such as an emoji. */
  readonly splitsCharacter: boolean;
}

export function cursorContext(text: string, offset: number, limits: WindowLimits): CursorContext {
  const window = takeWindow(text, offset, limits);
  const before = toLineFeeds(window.before);
  const after = toLineFeeds(window.after);
  return {
    before,
    after,
    regenerated: /[ \t]$/.exec(before)?.[0] ?? '',
    lineBefore: before.slice(before.lastIndexOf('\n') + 1),
    lineAfter: after.split('\n', 1)[0] ?? '',
    lineEnd: usesCarriageReturns(window.before, window.after) ? '\r\n' : '\n',
    splitsCharacter: splitsPair(text, offset),
  };
}

/** Generated text from the cursor on: without the blank that was generated again. */
export function fromCursor(generated: string, { regenerated }: CursorContext): string {
  return generated.startsWith(regenerated) ? generated.slice(regenerated.length) : generated;
}

/** Whether the cursor stands inside a word, where an automatic suggestion would only be in the way. */
export function isInsideWord(context: CursorContext): boolean {
  return /[\p{L}\p{N}_$]$/u.test(context.lineBefore) && /^[\p{L}\p{N}_$]/u.test(context.lineAfter);
}

/** Width of a line's leading white space; a tab counts as four columns. */
export function indentWidth(line: string): number {
  let width = 0;
  for (const character of line) {
    if (character === ' ') width += 1;
    else if (character === '\t') width += 4;
    else break;
  }
  return width;
}

function toLineFeeds(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
}

/** The first line end seen decides; a window without one is taken for `\n`. */
function usesCarriageReturns(before: string, after: string): boolean {
  const source = before.includes('\n') ? before : after;
  const at = source.indexOf('\n');
  return at > 0 && source[at - 1] === '\r';
}
