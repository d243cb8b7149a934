/** Lines of a text, counted from 1, both ends included. `last` is one less than `first` where lines are only inserted. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** A text in three, each part with its line ends. Pure. */
export function splitAtRange(
  text: string,
  { first, last }: LineRange,
): { readonly before: string; readonly inside: string; readonly after: string } {
  const lines = linesWithEnds(text);
  return {
    before: lines.slice(0, first - 1).join(''),
    inside: lines.slice(first - 1, last).join(''),
    after: lines.slice(last).join(''),
  };
}

/** The text with other lines in place of the range. Pure. */
export function replaceRange(text: string, range: LineRange, replacement: string): string {
  const { before, after } = splitAtRange(text, range);
  return before + replacement + after;
}

/** The same lines with other line ends. Pure. */
export function withLineEnds(text: string, lineEnd: '\n' | '\r\n'): string {
  return text.replaceAll(/\r?\n/g, lineEnd);
}

/** `\r\n` where the first line has it. Pure. */
export function lineEndOf(text: string): '\n' | '\r\n' {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}

/** Each with its line end. */
export function linesWithEnds(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
