import type { CompletionItem } from './messages.ts';

/** What an item adds to the document: its text without the rest of the line that it writes again. */
export function insertedText({
  text,
  replacedLength,
}: Pick<CompletionItem, 'text' | 'replacedLength'>): string {
  return text.slice(0, text.length - replacedLength);
}
