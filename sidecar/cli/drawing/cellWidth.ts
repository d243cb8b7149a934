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

/**
 * One line that fits: line ends and other control characters become spaces, so that generated text cannot steer
 * the terminal; what is too long ends in `…`.
 */
export function fitLine(text: string, columns: number): string {
  const line = text.replace(unprintable, ' ');
  if (cellWidth(line) <= columns) return line;
  let kept = '';
  let cells = 0;
  for (const { segment } of graphemes.segment(line)) {
    cells += wide.test(segment) ? 2 : 1;
    if (cells > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Text of any length with everything taken out that could steer a terminal; line ends and tabs stay. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    character === '\n' || character === '\t' ? character : '',
  );
}
