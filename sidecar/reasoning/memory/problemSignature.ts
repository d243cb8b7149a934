import type { Attachment } from '../../../protocol/attachment.ts';
import type { DifficultyClass } from '../../../protocol/traceEvent.ts';

/** Words of a question, up to which it counts as short and as middling. */
const shortUpToWords = 30;
const middlingUpToWords = 80;

/**
 * Names the kind of a problem, so that what worked on one is remembered for others like it: what it is about, how long
 * it is, how hard it was judged. Few kinds, so that each is seen often. Holds nothing of the question's own words.
 */
export function problemSignature(
  { question, attachment }: { readonly question: string; readonly attachment: Attachment | null },
  difficulty: DifficultyClass,
): string {
  return `${subjectOf(question, attachment)}, ${lengthOf(question)}, ${difficulty}`;
}

function subjectOf(question: string, attachment: Attachment | null): string {
  // A client may send anything as a language; a name of one is short and plain.
  if (attachment !== null) return `code ${/^[\w+#.-]{1,24}$/.exec(attachment.languageId)?.[0] ?? 'other'}`;
  if (/^\s*\(?[A-Ea-e][).:]\s/m.test(question)) return 'choice';
  const numbers = question.match(/\d+(?:[.,]\d+)*/g) ?? [];
  return numbers.length >= 2 ? 'numbers' : 'prose';
}

function lengthOf(question: string): string {
  const words = question.split(/\s+/).filter((word) => word !== '').length;
  return words <= shortUpToWords ? 'short' : words <= middlingUpToWords ? 'middling' : 'long';
}
