/** Text around a cursor. `before` and `after` are windows; both ends of a comparison take them equally long. */
export interface CursorWindow {
  readonly uri: string;
  /** UTF-16 units from the start of the document. */
  readonly offset: number;
  /** Text before the cursor, at most `contextWindow` units. */
  readonly before: string;
  /** Text after the cursor, at most `contextWindow` units. */
  readonly after: string;
}

/** Completions as they were shown, and where. */
export interface ShownCompletion {
  readonly at: CursorWindow;
  readonly texts: readonly string[];
}

/** UTF-16 units that are compared on each side of the cursor. */
export const contextWindow = 256;

/**
 * What remains of shown completions after the user typed (or accepted) their beginning, in the order shown.
 * Empty when the cursor is elsewhere, the text around it changed otherwise, or nothing of them remains.
 */
export function reuseShown(shown: ShownCompletion, now: CursorWindow): readonly string[] {
  const typedLength = now.offset - shown.at.offset;
  if (shown.at.uri !== now.uri || typedLength < 0 || shown.at.after !== now.after) return [];
  if (typedLength > now.before.length) return [];
  const typed = now.before.slice(now.before.length - typedLength);
  const beforeTyped = now.before.slice(0, now.before.length - typedLength);
  if (!shown.at.before.endsWith(beforeTyped)) return [];
  return shown.texts
    .filter((text) => text.length > typedLength && text.startsWith(typed))
    .map((text) => text.slice(typedLength));
}

/**
 * Completions that VS Code can show beside its suggestion list: those that go on as the selected suggestion does.
 * `selectedRest` is the part of that suggestion that is not typed yet.
 */
export function continuing(texts: readonly string[], selectedRest: string): readonly string[] {
  return texts.filter((text) => text.startsWith(selectedRest));
}
