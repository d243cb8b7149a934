/**
 * Whether a token ends a line: it has a line break, and it is not one more blank line after a token that had one. Both
 * texts are of single tokens; `before` is empty at the beginning of a text. Pure.
 */
export function endsLine(text: string, before: string): boolean {
  return text.includes('\n') && !(text.trim() === '' && before.includes('\n'));
}
