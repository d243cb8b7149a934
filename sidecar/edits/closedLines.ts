import { leadOf } from '../../protocol/leadOf.ts';

/** A line with brackets that nothing after it closes. */
interface OpenLine {
  readonly line: string;
  /** Those brackets, in order. */
  readonly marks: readonly string[];
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const string = /(["'`])(?:\\.|(?!\1).)*\1/g;
const comment = /(?:#|\/\/).*$/;
/** A function, a class or a statement, which any line may be the last of. */
const block = /(?:=>|\)|\b(?:class|else|try|do)\b.*)\s*\{\s*$/;

/** Lines of code with what is open at their end closed below them; null where that is no block, such as a list. Pure. */
export function closedLines(lines: readonly string[]): readonly string[] | null {
  const open = openLines(lines);
  if (!open.every(({ line }) => block.test(line))) return null;
  const ends = open.toReversed().map(({ line, marks }) => {
    const end = marks
      .toReversed()
      .map((mark) => closing[mark] ?? '')
      .join('');
    return `${leadOf(line)}${end}${end.endsWith(')') ? ';' : ''}`;
  });
  return [...lines, ...ends];
}

/** The outermost first. Strings of one line and comments do not count. */
function openLines(lines: readonly string[]): readonly OpenLine[] {
  const open: { readonly at: number; readonly mark: string }[] = [];
  for (const [at, line] of lines.entries()) {
    for (const [mark] of line
      .replaceAll(string, '')
      .replace(comment, '')
      .matchAll(/[()[\]{}]/g)) {
      if (mark in closing) open.push({ at, mark });
      else open.pop();
    }
  }
  const places = [...new Set(open.map(({ at }) => at))];
  return places.map((place) => ({
    line: lines[place] ?? '',
    marks: open.filter(({ at }) => at === place).map(({ mark }) => mark),
  }));
}
