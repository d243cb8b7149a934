import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import type { Style } from './style.ts';

/** Equal lines shown before and after a change. */
const shownLines = 3;

/**
 * Two versions of a file as a unified diff that `patch` and `git apply` read, its lines without their `\n`; none where they are
 * equal. Pure.
 */
export function unifiedDiff(name: string, old: string, changed: string): readonly string[] {
  if (old === changed) return [];
  const options = { context: shownLines, headerOptions: FILE_HEADERS_ONLY };
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, old, changed, undefined, undefined, options);
  return patch.replace(/\n$/, '').split('\n');
}

/** The same with colours, for a terminal. Pure. */
export function colouredDiff(lines: readonly string[], style: Style): readonly string[] {
  return lines.map((line, index) => {
    if (index < 2) return style.bold(line);
    if (line.startsWith('@@')) return style.dim(line);
    if (line.startsWith('+')) return style.good(line);
    return line.startsWith('-') ? style.bad(line) : line;
  });
}
