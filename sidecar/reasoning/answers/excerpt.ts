import { counted } from '../../../protocol/counted.ts';
const longestExcerpt = 60;

/** The beginning of a text in one line, which names it in a vote where there is no answer to name it by. */
export function excerptOf(text: string): string {
  const line = oneLine(text);
  return line.length <= longestExcerpt ? line : `${line.slice(0, longestExcerpt - 1).trimEnd()}…`;
}

/** The first line of a text, or its beginning, and how much follows it. */
export function excerptWithRest(text: string): string {
  const [first = '', ...others] = text.trim().split(/\r\n|\r|\n/u);
  const shown = excerptOf(first);
  if (others.length > 0) return `${shown.replace(/ ?…$/u, '')} … (${counted(others.length, 'line')} more)`;
  const leftOut = oneLine(first).length - shown.length + 1;
  return shown.endsWith('…') && leftOut > 1 ? `${shown} (${counted(leftOut, 'character')} more)` : shown;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/gu, ' ');
}
