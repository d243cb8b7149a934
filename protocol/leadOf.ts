/** Leading blanks and tabs of a line. Pure. */
export function leadOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}
