import type { DocumentRange } from '../../protocol/messages.ts';
import { mostPartChars } from '../../protocol/offeredPart.ts';
import type { LineSpan } from './linesAround.ts';

/** What is sent of a part of a document, with line ends `\n`, and where that is. */
export interface OfferedText {
  readonly text: string;
  readonly range: DocumentRange;
}

/**
 * The text of some lines, cut to what is kept of a part: no more lines are read than that takes. A line that begins in it is
 * cut, too. Pure.
 */
export function offeredText(lineAt: (line: number) => string, { first, last }: LineSpan): OfferedText {
  const lines: string[] = [];
  let length = 0;
  for (let line = first; line <= last && length < mostPartChars; line++) {
    const text = lineAt(line).slice(0, mostPartChars - length);
    lines.push(text);
    length += text.length + 1;
  }
  const end = { line: Math.max(first, first + lines.length - 1), character: lines.at(-1)?.length ?? 0 };
  return { text: lines.join('\n'), range: { start: { line: first, character: 0 }, end } };
}
