import type { ContextOffer } from '../../protocol/messages.ts';
import { mostPartChars } from '../../protocol/offeredPart.ts';

/** Lines of a part: enough for a function of ordinary length. */
const mostLines = 30;
/** A part goes on until it has so many: one line says little. */
const leastLines = 6;

/** A part of a document. */
export interface CodeChunk {
  readonly text: string;
  readonly range: ContextOffer['range'];
}

/**
 * Cuts a text into parts that end where a line without indentation follows a blank one, such as functions and classes; longer
 * ones are cut by lines. Blank parts are left out. Pure.
 */
export function codeChunks(text: string): readonly CodeChunk[] {
  const lines = text.split(/\r\n|\n|\r/);
  const chunks: CodeChunk[] = [];
  let start = 0;
  for (let line = 1; line <= lines.length; line++) {
    const length = line - start;
    const isEnd = line === lines.length || length >= mostLines;
    if (!isEnd && (length < leastLines || !beginsPart(lines, line))) continue;
    const chunk = chunkOf(lines, start, line);
    if (chunk !== null) chunks.push(chunk);
    start = line;
  }
  return chunks;
}

function beginsPart(lines: readonly string[], line: number): boolean {
  const text = lines[line] ?? '';
  return (lines[line - 1] ?? '').trim() === '' && /^[^\s})\]]/.test(text);
}

/** Lines `start` up to `end`, without blank ones around them; null where nothing is left. */
function chunkOf(lines: readonly string[], start: number, end: number): CodeChunk | null {
  let [first, last] = [start, end - 1];
  while (first <= last && (lines[first] ?? '').trim() === '') first += 1;
  while (last >= first && (lines[last] ?? '').trim() === '') last -= 1;
  if (first > last) return null;
  const text = lines
    .slice(first, last + 1)
    .join('\n')
    .slice(0, mostPartChars);
  const character = (lines[last] ?? '').length;
  return { text, range: { start: { line: first, character: 0 }, end: { line: last, character } } };
}
