import type { Attachment } from '../../protocol/attachment.ts';

/** Where code that a question was about is now, in characters from the beginning of its document. */
export type AskedPlace =
  | { readonly type: 'found'; readonly start: number; readonly end: number }
  /** No part of this document went along with the question. */
  | { readonly type: 'notAsked' }
  /** It did, but was changed since, or is there several times. */
  | { readonly type: 'lost'; readonly why: 'changed' | 'ambiguous' };

/** Finds the part of a document that went along with a question, where the document has it by now. Pure. */
export function askedPlace(
  { path, text }: { readonly path: string; readonly text: string },
  attachments: readonly Pick<Attachment, 'path' | 'text'>[],
): AskedPlace {
  // What a question is about comes last.
  const part = attachments.findLast(
    (one) => one.path === path && one.text.trim() !== '' && one.text !== text,
  );
  if (part === undefined) return { type: 'notAsked' };
  const start = text.indexOf(part.text);
  if (start < 0) return { type: 'lost', why: 'changed' };
  if (text.includes(part.text, start + 1)) return { type: 'lost', why: 'ambiguous' };
  return { type: 'found', start, end: start + part.text.length };
}
