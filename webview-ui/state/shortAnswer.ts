/** UTF-16 units of a line that is shown whole; the style sheet cuts what has less room. */
const longestLine = 80;
/** A tooltip does not scroll. */
const longestTooltip = 600;

export interface ShortenedAnswer {
  /** The first line with something in it, cut where it is long. */
  readonly line: string;
  /** Lines that follow it, blank ones at the end left out. */
  readonly moreLines: number;
  /** Whether the line is all there is. */
  readonly isWhole: boolean;
  /** As much of the answer as a tooltip holds. */
  readonly tooltip: string;
}

/** An answer in one line of room: answers can be programs. Pure. */
export function shortAnswer(answer: string): ShortenedAnswer {
  const lines = answer.trim().split('\n');
  const [first = ''] = lines;
  const moreLines = lines.length - 1;
  return {
    line: clip(first, longestLine),
    moreLines,
    isWhole: moreLines === 0 && first.length <= longestLine,
    tooltip: clip(answer.trim(), longestTooltip),
  };
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}
