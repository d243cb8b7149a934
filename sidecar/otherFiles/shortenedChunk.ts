/** Stands where lines are left out. */
const leftOut = '…';
/** Begins what has members that are worth keeping; anything else keeps its signature. */
const hasMembers =
  /^\s*(?:(?:export|default|declare|abstract|public|final|data|pub)\s+)*(?:class|interface|enum|struct|trait|impl|type|object|module|namespace)\b/u;
/** Ends a signature: a block, or a line that goes on below it, begins. */
const opensBlock = /(?:[{:]|=>)\s*$/u;
/** Lines of a signature at most. */
const mostSignatureLines = 8;

/**
 * A part of code in at most so many characters. Of a longer one the signature is left, of a class or the like those of its
 * members, and then its end is cut. Empty where not even the first line fits. Pure.
 */
export function shortenedChunk(text: string, mostChars: number): string {
  if (text.length <= mostChars) return text;
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const outline = (hasMembers.test(text) ? memberLines(lines) : signatureLines(lines)).join('\n');
  return outline.length <= mostChars ? outline : cutAtLine(outline, mostChars);
}

function signatureLines(lines: readonly string[]): readonly string[] {
  const opening = lines.findIndex((line) => opensBlock.test(line));
  const end = opening < 0 || opening >= mostSignatureLines ? 1 : opening + 1;
  if (end >= lines.length) return lines;
  const last = lines.at(-1) ?? '';
  const closes = /^\s*[)\]}]/.test(last) ? [last] : [];
  return [...lines.slice(0, end), `${' '.repeat(indentOf(lines[0] ?? '') + 2)}${leftOut}`, ...closes];
}

/** The lines with the least indentation and those with the next to least, one mark for each run of others. */
function memberLines(lines: readonly string[]): readonly string[] {
  const widths = [...new Set(lines.map(indentOf))].sort((a, b) => a - b);
  const deepest = widths[1] ?? widths[0] ?? 0;
  const kept: string[] = [];
  for (const line of lines) {
    if (indentOf(line) <= deepest) kept.push(line);
    else if (kept.at(-1)?.trim() !== leftOut) kept.push(`${' '.repeat(deepest)}${leftOut}`);
  }
  return kept;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function cutAtLine(text: string, mostChars: number): string {
  const end = text.lastIndexOf('\n', mostChars);
  return end < 0 ? '' : text.slice(0, end);
}
