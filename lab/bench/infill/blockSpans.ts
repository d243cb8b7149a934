import type { Span } from './spanSet.ts';

/** How a file is indented and ends its lines. */
export interface FileStyle {
  /** A tab, or the blanks of one level. */
  readonly unit: string;
  readonly lineEnd: '\n' | '\r\n';
}

/** Lines that are cut out of a block. */
const linesCut = 8;

/** The first lines of a block, cut out of a file; the cursor is at the end of the line above. */
export interface BlockSpan extends Span {
  readonly style: FileStyle;
}

/**
 * The first lines of a block near each span. Half of the files stay as they are; of the other half, by turns, one is indented
 * by tabs, one by tabs and with the line ends of Windows, one has these line ends alone, and one is indented by two blanks for
 * four or the other way round. Spans without a block after them, and files without indentation, are left out. Pure.
 */
export function blockSpans(spans: readonly Span[]): readonly BlockSpan[] {
  return spans.flatMap((span, index) => {
    const block = blockAfter(span);
    const unit = unitOf(span.before + span.middle + span.after);
    if (block === null || unit === null) return [];
    return [restyled(block, unit, styleOf(index, unit))];
  });
}

function styleOf(index: number, unit: string): FileStyle {
  switch (index % 8) {
    case 4:
      return { unit: '\t', lineEnd: '\n' };
    case 5:
      return { unit: '\t', lineEnd: '\r\n' };
    case 6:
      return { unit, lineEnd: '\r\n' };
    case 7:
      return { unit: unit === '  ' ? '    ' : '  ', lineEnd: '\n' };
    default:
      return { unit, lineEnd: '\n' };
  }
}

/** Cuts after the next line that the line below is indented more than. */
function blockAfter({ id, languageId, before, middle, after }: Span): Span | null {
  const text = before + middle + after;
  const opening = /^([ \t]*)\S.*[{:[(](?=\n\1[ \t]+\S)/gm;
  opening.lastIndex = before.lastIndexOf('\n') + 1;
  const found = opening.exec(text);
  if (found === null) return null;
  const from = found.index + found[0].length;
  let to = from;
  for (let lines = 0; lines < linesCut; lines++) {
    const lineEnd = text.indexOf('\n', to + 1);
    to = lineEnd < 0 ? text.length : lineEnd;
  }
  return {
    id: `${id} block ${from}`,
    languageId,
    before: text.slice(0, from),
    middle: text.slice(from, to),
    after: text.slice(to),
  };
}

/** A tab, or the blanks by which most lines are indented more than the line above; null where no line is. Pure. */
export function unitOf(text: string): string | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s*\*/.test(line));
  const indented = lines.filter((line) => /^[ \t]/.test(line));
  if (indented.filter((line) => line.startsWith('\t')).length * 2 > indented.length) return '\t';
  const counts = new Map<number, number>();
  for (const [index, line] of lines.entries()) {
    const step = line.search(/\S/) - (lines[index - 1] ?? line).search(/\S/);
    if (step > 1 && step <= 8) counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const [first] = [...counts].toSorted(([, a], [, b]) => b - a);
  return first === undefined ? null : ' '.repeat(first[0]);
}

function restyled(span: Span, unit: string, style: FileStyle): BlockSpan {
  const write = (part: string): string =>
    part
      .split('\n')
      .map((line, index) => (index === 0 && part !== span.before ? line : inUnit(line, unit, style.unit)))
      .join(style.lineEnd);
  const { before, middle, after } = span;
  return { ...span, before: write(before), middle: write(middle), after: write(after), style };
}

/** The line with whole units at its beginning replaced; what is over is alignment and stays. Pure. */
export function inUnit(line: string, unit: string, other: string): string {
  let levels = 0;
  while (line.startsWith(unit, levels * unit.length)) levels += 1;
  return other.repeat(levels) + line.slice(levels * unit.length);
}
