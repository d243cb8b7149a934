import { fitLine } from './cellWidth.ts';
import type { Style } from './style.ts';

export interface GhostText {
  /** Text of the document before and behind the cursor. */
  readonly before: string;
  readonly after: string;
  /** What would be inserted; empty shows the place alone. */
  readonly completion: string;
}

/** Lines of the document shown above and below the cursor. */
const surroundingLines = 4;

/**
 * A completion in its place: the lines around the cursor with their numbers, the completion dim as an editor shows
 * it, or between guillemets where there are no weights. Pure; lines fit the width.
 */
export function ghostTextView(
  text: GhostText,
  options: { readonly columns: number; readonly style: Style; readonly hasColour: boolean },
): readonly string[] {
  const before = linesOf(text.before);
  const after = linesOf(text.after);
  const inserted = linesOf(text.completion);
  const firstNumber = Math.max(1, before.length - surroundingLines);
  const above = before.slice(firstNumber - 1, -1);
  const below = after.slice(1, 1 + surroundingLines);
  const lineBefore = before.at(-1) ?? '';
  const lineAfter = after[0] ?? '';
  const numberWidth = String(before.length + inserted.length + below.length).length;
  const room = Math.max(1, options.columns - numberWidth - 3);

  const numbered = (number: number | null, content: string): string =>
    `${options.style.dim(`${(number === null ? '' : String(number)).padStart(numberWidth)} │`)} ${content}`;
  const plainLine = (number: number, line: string): string =>
    numbered(number, fitLine(expandTabs(line), room));
  const ghost = (line: string): string => (options.hasColour ? options.style.dim(line) : `«${line}»`);

  const middle = inserted.map((line, index) => {
    const head = index === 0 ? expandTabs(lineBefore) : '';
    const tail = index === inserted.length - 1 ? expandTabs(lineAfter) : '';
    const shown = fitLine(expandTabs(line), Math.max(1, room - head.length - tail.length));
    const part = shown === '' && text.completion === '' ? '' : ghost(shown);
    return numbered(
      index === 0 ? before.length : null,
      `${fitLine(head, room)}${part}${fitLine(tail, room)}`,
    );
  });
  return [
    ...above.map((line, index) => plainLine(firstNumber + index, line)),
    ...middle,
    ...below.map((line, index) => plainLine(before.length + 1 + index, line)),
  ];
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}

function expandTabs(text: string): string {
  return text.replaceAll('\t', '    ');
}
