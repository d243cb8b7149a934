import type { CompletionItem } from '../../protocol/messages.ts';

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

/** A text that is offered at a cursor. It ends with the text after the cursor that it replaces. */
export type Offer = Pick<CompletionItem, 'text' | 'replacedLength'>;

/** Completions as they were shown, and where. */
export interface ShownCompletion {
  readonly at: CursorWindow;
  readonly offers: readonly Offer[];
}

/** UTF-16 units that are compared on each side of the cursor. */
export const contextWindow = 256;

/**
 * What remains of shown completions after the user typed (or accepted) their beginning, in the order shown. A closing bracket
 * or quote that is typed over counts as typed where the completion replaces it. Empty when the cursor is elsewhere, the text
 * around it changed otherwise, or nothing of them remains.
 */
export function reuseShown(shown: ShownCompletion, now: CursorWindow): readonly Offer[] {
  const typedLength = now.offset - shown.at.offset;
  const overtyped = overtypedLength(
    shown.at.after,
    now.after,
    Math.max(0, ...shown.offers.map(({ replacedLength }) => replacedLength)),
  );
  if (shown.at.uri !== now.uri || typedLength < 0 || overtyped === null) return [];
  if (typedLength > now.before.length) return [];
  const typed = now.before.slice(now.before.length - typedLength);
  const beforeTyped = now.before.slice(0, now.before.length - typedLength);
  if (!shown.at.before.endsWith(beforeTyped)) return [];
  return shown.offers
    .map(({ text, replacedLength }) => ({ text, replacedLength: replacedLength - overtyped }))
    .filter(
      ({ text, replacedLength }) =>
        replacedLength >= 0 && text.length - replacedLength > typedLength && text.startsWith(typed),
    )
    .map(({ text, replacedLength }) => ({ text: text.slice(typedLength), replacedLength }));
}

/**
 * Units that were taken from the beginning of the text after the cursor, `most` at most; null where the two are not ends of one
 * text. Windows of a long text end at different places of it.
 */
function overtypedLength(before: string, after: string, most: number): number | null {
  for (let length = 0; length <= most; length++) {
    const rest = before.slice(length);
    if (before.length < contextWindow ? after === rest : after.startsWith(rest)) return length;
  }
  return null;
}
