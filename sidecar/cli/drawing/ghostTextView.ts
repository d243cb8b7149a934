import { cellWidth, fitLine, fitLineEnd } from './cellWidth.ts';
import type { Style } from './style.ts';

export interface GhostText {
  /** Text of the document before and after the cursor. */
  readonly before: string;
  readonly after: string;
  /** What would be inserted; empty shows the place alone. */
  readonly completion: string;
}

/** Part of a line for a completion with text around it. */
const completionShare = 0.6;
/** Narrower than this a line shows nothing useful. */
const narrowest = 10;

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
  const firstLine = before.length;
  const after = linesOf(text.after);
  const inserted = linesOf(text.completion);
  const firstNumber = Math.max(1, before.length - surroundingLines);
  const above = before.slice(firstNumber - 1, -1);
  const below = after.slice(1, 1 + surroundingLines);
  const lineBefore = before.at(-1) ?? '';
  const lineAfter = after[0] ?? '';
  const numberWidth = String(before.length + inserted.length + below.length).length;
  const marksWidth = options.hasColour ? 0 : '«»'.length;
  const room = Math.max(narrowest, options.columns - numberWidth - ' │ '.length - marksWidth);

  const numbered = (number: number | null, content: string): string =>
    `${options.style.dim(`${(number === null ? '' : String(number)).padStart(numberWidth)} │`)} ${content}`;
  const plainLine = (number: number, line: string): string =>
    numbered(number, fitLine(expandTabs(line), room));
  const ghost = (line: string): string => (options.hasColour ? options.style.dim(line) : `«${line}»`);

  const middle = inserted.map((line, index) => {
    const sides = {
      before: index === 0 ? lineBefore : '',
      after: index === inserted.length - 1 ? lineAfter : '',
    };
    const [before, shown, after] = fitAround(line, sides, room);
    const part = text.completion === '' ? '' : ghost(shown);
    return numbered(index === 0 ? firstLine : null, `${before}${part}${after}`);
  });
  return [
    ...above.map((line, index) => plainLine(firstNumber + index, line)),
    ...middle,
    ...below.map((line, index) => plainLine(before.length + 1 + index, line)),
  ];
}

/** The line of the cursor: the completion first, then as much of both sides next to it as there is room for. */
function fitAround(
  completion: string,
  sides: { readonly before: string; readonly after: string },
  room: number,
): readonly [string, string, string] {
  const isAlone = sides.before === '' && sides.after === '';
  const shown = fitLine(expandTabs(completion), isAlone ? room : Math.floor(room * completionShare));
  const before = fitLineEnd(expandTabs(sides.before), room - cellWidth(shown));
  const left = room - cellWidth(shown) - cellWidth(before);
  return [before, shown, left > 0 ? fitLine(expandTabs(sides.after), left) : ''];
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r\n|\r|\n/);
}

function expandTabs(text: string): string {
  return text.replaceAll('\t', '    ');
}
