import { isSubsequence } from '../../protocol/isSubsequence.ts';
import { leadOf } from '../../protocol/leadOf.ts';
import { longestRest } from '../../protocol/longestRest.ts';
import {
  type Anchor,
  anchorAfter,
  anchorBefore,
  type CursorWindow,
  type Insertion,
  longestTyped,
} from './cursorWindow.ts';

/** What happened at an anchor since. */
export interface Typed {
  /** Between the anchor and the cursor. */
  readonly typed: string;
  /** Between the cursor and the text after the anchor: what the editor has added, such as the closing half of a pair. */
  readonly added: string;
}

/** Closing halves that follow a cursor on lines of their own, as the editor moves them there with Enter. */
const closersBelow = /^[)\]}>"'`]*(?:\n[ \t]*[)\]}>]+)+/;

/**
 * The ways in which a document came from an anchor to how it is now, by nothing but typing at the anchor, the least added
 * first. None where the cursor is elsewhere, or the text around it has changed otherwise. There is seldom more than one.
 */
export function* typedSince(anchor: Anchor, now: CursorWindow): Generator<Typed> {
  if (anchor.languageId !== now.languageId) return;
  for (const addedLength of addedLengths(now.after)) {
    if (now.after.slice(addedLength, addedLength + anchorAfter) !== anchor.after) continue;
    const added = now.after.slice(0, addedLength);
    const longest = Math.min(longestTyped, now.before.length);
    for (let length = 0; length <= longest; length++) {
      const end = now.before.length - length;
      if (Math.min(anchorBefore, end) !== anchor.before.length) continue;
      if (now.before.slice(Math.max(0, end - anchorBefore), end) === anchor.before)
        yield { typed: now.before.slice(end), added };
    }
  }
}

/** How much of the text after a cursor may have been added by the editor, the least first. */
export function addedLengths(after: string): readonly number[] {
  const lineEnd = after.indexOf('\n');
  const inLine = lineEnd < 0 ? after.length : lineEnd;
  const longest = Math.max(inLine, closersBelow.exec(after)?.[0].length ?? 0);
  return Array.from({ length: Math.min(longest, longestRest) + 1 }, (_, length) => length);
}

/**
 * What of a completion is still to be inserted after its beginning was typed or accepted; null where something else was typed,
 * or nothing is left. The document is then the same as with all of the completion inserted at its anchor.
 */
export function remaining(completion: string, { typed, added }: Typed): Insertion | null {
  const rest = restAfter(completion, typed);
  if (rest === null || rest.trim() === '') return null;
  const inLine = added.split('\n', 1)[0] ?? '';
  const text = withoutEnd(rest, added.slice(inLine.length));
  if (text === null || text.trim() === '' || text === inLine) return null;
  const [line = ''] = text.split('\n', 1);
  if (isSubsequence(inLine, line)) return { text, replacedLength: inLine.length };
  return text.endsWith(inLine)
    ? { text: text.slice(0, text.length - inLine.length), replacedLength: 0 }
    : null;
}

/**
 * What is left of a text after its beginning was typed; null where that is not its beginning. The indentation that an editor
 * makes may differ from the text's own: then the lines that follow are moved to it.
 */
export function restAfter(text: string, typed: string): string | null {
  if (text.startsWith(typed)) return text.slice(typed.length);
  const typedLines = typed.split('\n');
  const lines = text.split('\n');
  const last = typedLines.length - 1;
  if (last === 0 || last >= lines.length) return null;
  for (let index = 0; index < last; index++) {
    const [typedLine = '', line = ''] = [typedLines[index], lines[index]];
    const isSame = index === 0 ? typedLine.trimEnd() === line.trimEnd() : typedLine.trim() === line.trim();
    if (!isSame) return null;
  }
  const typedLine = indented(typedLines[last] ?? '');
  const line = indented(lines[last] ?? '');
  if (!line.content.startsWith(typedLine.content)) return null;
  const following = lines.slice(last + 1);
  // The cursor is in the indentation, and some of it is still missing.
  if (typedLine.content === '' && line.indent.startsWith(typedLine.indent)) {
    return [line.indent.slice(typedLine.indent.length) + line.content, ...following].join('\n');
  }
  const moved = following.map((other) => moveIndent(other, line.indent, typedLine.indent));
  return [line.content.slice(typedLine.content.length), ...moved].join('\n');
}

/** Whether a text and what was typed can still be the same: one of them begins with the other. */
export function isCompatible(text: string, typed: string): boolean {
  return restAfter(text, typed) !== null || restAfter(typed, text) !== null;
}

function indented(line: string): { readonly indent: string; readonly content: string } {
  const indent = leadOf(line);
  return { indent, content: line.slice(indent.length) };
}

function moveIndent(line: string, from: string, to: string): string {
  return line.trim() !== '' && line.startsWith(from) ? to + line.slice(from.length) : line;
}

/** A text without the lines at its end, which may be indented otherwise; null where it does not end so. */
function withoutEnd(text: string, end: string): string | null {
  if (text.endsWith(end)) return text.slice(0, text.length - end.length);
  const endLines = end.split('\n').slice(1);
  const lines = text.split('\n');
  const first = lines.length - endLines.length;
  if (first < 1) return null;
  const isEnd = endLines.every((line, index) => line.trim() === lines[first + index]?.trim());
  return isEnd ? lines.slice(0, first).join('\n') : null;
}
