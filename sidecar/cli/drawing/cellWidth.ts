const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
const unprintable = /[\u0000-\u001f\u007f-\u009f]/g;

/** Terminal cells that a text without line ends and escape sequences takes. */
export function cellWidth(text: string): number {
  let cells = 0;
  for (const { segment } of graphemes.segment(text)) cells += wide.test(segment) ? 2 : 1;
  return cells;
}

/** A cell takes no more UTF-16 units than this in any script; what lies further off need not be looked at. */
const unitsPerCell = 16;

/**
 * One line that fits: line ends and other control characters become spaces, so that generated text cannot steer
 * the terminal; what is too long ends in `…`. Costs the width's time, however long the text is.
 */
export function fitLine(text: string, columns: number): string {
  const seen = text.slice(0, columns * unitsPerCell + 1);
  const line = seen.replace(unprintable, ' ');
  if (seen.length === text.length && cellWidth(line) <= columns) return line;
  return `${takeCells([...graphemes.segment(line)], columns - 1).join('')}…`;
}

/** Like `fitLine`, but what is too long begins with `…` and keeps its end. */
export function fitLineEnd(text: string, columns: number): string {
  const seen = Number.isFinite(columns) ? text.slice(-(columns * unitsPerCell + 1)) : text;
  const line = seen.replace(unprintable, ' ');
  if (seen.length === text.length && cellWidth(line) <= columns) return line;
  return `…${takeCells([...graphemes.segment(line)].reverse(), columns - 1)
    .reverse()
    .join('')}`;
}

/** The segments, in order, that the cells hold. */
function takeCells(segments: readonly Intl.SegmentData[], columns: number): string[] {
  const taken: string[] = [];
  let cells = 0;
  for (const { segment } of segments) {
    cells += wide.test(segment) ? 2 : 1;
    if (cells > columns) break;
    taken.push(segment);
  }
  return taken;
}

/** Text of any length with everything taken out that could steer a terminal; line ends and tabs stay. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    character === '\n' || character === '\t' ? character : '',
  );
}
