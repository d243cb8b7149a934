import type { CompletionItem } from '../../../protocol/messages.ts';
import { isSubsequence } from '../../../protocol/isSubsequence.ts';
import type { InfillTask } from '../tasks/infillTask.ts';

/** What is offered at a cursor. */
export type Offered = Pick<CompletionItem, 'text' | 'replacedLength'>;

export const nothingOffered: Offered = { text: '', replacedLength: 0 };

/** Where a row's cursor is, by the text around it. */
export interface CursorPlace {
  /** The text before it and the text that was cut out share a word. */
  readonly isInsideWord: boolean;
  /** A word character is on both sides of it in the document, which lacks what was cut out. */
  readonly hasWordAround: boolean;
}

const wordAtEnd = /[\p{L}\p{N}_]$/u;
const wordAtStart = /^[\p{L}\p{N}_]/u;

/** Pure. */
export function cursorPlace({ prefix, middle, suffix }: InfillTask): CursorPlace {
  const isAfterWord = wordAtEnd.test(prefix);
  return {
    isInsideWord: isAfterWord && wordAtStart.test(middle),
    hasWordAround: isAfterWord && wordAtStart.test(suffix),
  };
}

/**
 * Whether a text begins with the first line of what was cut out, or with all of it, and has after that what it replaces. No text
 * never does. Pure.
 */
export function beginsRight({ text, replacedLength }: Offered, { middle, suffix }: InfillTask): boolean {
  const [first = ''] = middle.split('\n', 1);
  const beginning = first.trim() === '' ? middle : first;
  const hasRest = isSubsequence(suffix.slice(0, replacedLength), text.slice(beginning.length));
  return beginning !== '' && text.startsWith(beginning) && hasRest;
}

/** Whether a text makes the document what it was, but for white space around what was cut out. Pure. */
export function isExact({ text, replacedLength }: Offered, { middle, suffix }: InfillTask): boolean {
  return text.trim() === (middle + suffix.slice(0, replacedLength)).trim();
}

/** The function with the text put in, and its test. A row whose middle ends with its line is given that line end back. Pure. */
export function filledProgram(task: InfillTask, { text, replacedLength }: Offered): string {
  const { prefix, middle, test, entryPoint } = task;
  const suffix = task.suffix.slice(replacedLength);
  const hasLineEnd = text.endsWith('\n') || suffix.startsWith('\n') || !middle.endsWith('\n');
  return `${prefix}${text}${hasLineEnd ? '' : '\n'}${suffix}\n${test}\ncheck(${entryPoint})\n`;
}

/**
 * A text up to where it begins to repeat what follows the cursor: the first line there that has anything on it. A
 * client of llama-server removes what is there already; the server itself writes on. Pure.
 */
export function beforeRepeatedSuffix(text: string, suffix: string): string {
  const following = suffix
    .split('\n')
    .slice(1)
    .find((line) => line.trim() !== '');
  if (following === undefined) return text;
  const lines = text.split('\n');
  const repeated = lines.findIndex((line, index) => index > 0 && line.trimEnd() === following.trimEnd());
  return repeated < 0 ? text : `${lines.slice(0, repeated).join('\n')}\n`;
}
