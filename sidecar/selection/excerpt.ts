const longestExcerpt = 60;

/** The beginning of a text in one line, to stand for it in a vote where there is no answer to name it by. */
export function excerptOf(text: string): string {
  const line = text.trim().replace(/\s+/gu, ' ');
  return line.length <= longestExcerpt ? line : `${line.slice(0, longestExcerpt - 1).trimEnd()}…`;
}
