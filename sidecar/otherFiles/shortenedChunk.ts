import { leadOf } from '../../protocol/leadOf.ts';

/** Written where lines are left out, as Python writes a body that is elsewhere. */
const leftOut = '...';
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
  return end >= lines.length
    ? lines
    : withoutBodies(lines, (line, index) => index < end || isCloser(line, 0));
}

/** The lines with the least indentation and those with the next to least. */
function memberLines(lines: readonly string[]): readonly string[] {
  const widths = [...new Set(lines.map((line) => leadOf(line).length))].sort((a, b) => a - b);
  const deepest = widths[1] ?? widths[0] ?? 0;
  return withoutBodies(lines, (line) => leadOf(line).length <= deepest);
}

/** The lines that are kept; a body in braces that is left out becomes `{ ... }`, any other a line of dots. */
function withoutBodies(
  lines: readonly string[],
  isKept: (line: string, index: number) => boolean,
): readonly string[] {
  const kept: string[] = [];
  let isOpen = false;
  for (const [index, line] of lines.entries()) {
    const last = kept.at(-1) ?? '';
    if (!isKept(line, index)) {
      if (isOpen) continue;
      isOpen = true;
      if (last.trimEnd().endsWith('{')) kept[kept.length - 1] = `${last.trimEnd()} ${leftOut}`;
      else kept.push(`${' '.repeat(leadOf(line).length)}${leftOut}`);
    } else if (isOpen && last.endsWith(`{ ${leftOut}`) && isCloser(line, leadOf(last).length)) {
      kept[kept.length - 1] = `${last} ${line.trim()}`;
      isOpen = false;
    } else {
      kept.push(line);
      isOpen = false;
    }
  }
  return kept;
}

function isCloser(line: string, indent: number): boolean {
  return leadOf(line).length === indent && /^\s*[)\]}]/.test(line);
}

function cutAtLine(text: string, mostChars: number): string {
  const end = text.lastIndexOf('\n', mostChars);
  return end < 0 ? '' : text.slice(0, end);
}
