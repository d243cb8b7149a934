import type { CompletionItem } from './messages.ts';

/**
 * What an item puts before the rest of the cursor's line, which it may write again: its text without that rest, and without a `;`,
 * `,` or `:` that it adds to it. `after` is the document from the cursor on. Pure.
 */
export function insertedText(
  { text, replacedLength }: Pick<CompletionItem, 'text' | 'replacedLength'>,
  after: string,
): string {
  return replacedLength === 0 ? text : text.slice(0, text.lastIndexOf(after.slice(0, replacedLength)));
}
