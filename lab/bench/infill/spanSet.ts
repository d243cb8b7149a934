import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { philox } from '../../../sidecar/numeric/random.ts';
import type { ShapeReaders } from '../../../sidecar/syntax/shapeReaders.ts';
import { spreadOver } from '../../numeric/spreadOver.ts';

/** A file with something cut out at a cursor. */
export interface Span {
  /** Path of the file in its folder, and where in it, to name the row by. */
  readonly id: string;
  readonly languageId: string;
  readonly before: string;
  /** What was cut out. */
  readonly middle: string;
  readonly after: string;
}

const languages: Readonly<Record<string, string>> = {
  '.c': 'c',
  '.css': 'css',
  '.go': 'go',
  '.js': 'javascript',
  '.py': 'python',
  '.rs': 'rust',
  '.ts': 'typescript',
};
/** Of one language at most, so that the set is not all of the commonest. */
const filesPerLanguage = 60;
const fileChars = { least: 1_500, most: 40_000 };
/** Characters of the longest line: nobody typed longer ones. */
const longestLine = 200;

/** A file of code. */
export interface SourceFile {
  /** In the folder. */
  readonly path: string;
  readonly languageId: string;
  readonly text: string;
}

/**
 * Cuts spans out of the source files of a folder that parse without an error: from any character that is not blank to any of the
 * next ones in its line, to the end of the line, or to that of one of the next two. The same folder gives the same spans.
 */
export async function cutSpans(
  folder: string,
  {
    count,
    shapes,
    signal,
  }: { readonly count: number; readonly shapes: ShapeReaders; readonly signal: AbortSignal },
): Promise<readonly Span[]> {
  const files = await sourceFiles(folder, shapes, signal);
  if (files.length === 0) return [];
  return Array.from({ length: count }, (_, index) => {
    const file = files[index % files.length];
    return file === undefined ? [] : [spanOf(file, index)];
  }).flat();
}

/** Files of a folder that parse without an error, spread over the folder; the same ones each time. */
export async function sourceFiles(
  folder: string,
  shapes: ShapeReaders,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !/\.(?:d\.ts|min\.js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => extname(path) in languages)
    .toSorted();
  const chosen: SourceFile[] = [];
  for (const [extension, languageId] of Object.entries(languages)) {
    const ofLanguage = paths.filter((path) => extname(path) === extension);
    const read = await shapes.of(languageId);
    // Some are too long, too short or do not parse.
    const tried = spreadOver(ofLanguage, filesPerLanguage * 3, () => 1);
    let taken = 0;
    for (const path of tried) {
      signal.throwIfAborted();
      if (taken === filesPerLanguage) break;
      const text = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
      const isCode =
        text.length >= fileChars.least &&
        text.length <= fileChars.most &&
        text.split('\n').every((line) => line.length <= longestLine);
      if (!isCode || read(text)?.errorCount !== 0) continue;
      chosen.push({ path: relative(folder, path), languageId, text });
      taken += 1;
    }
  }
  return chosen;
}

function spanOf({ path, languageId, text }: SourceFile, index: number): Span {
  const [first, second, third] = philox([index, 0, 0, 0], [0x5ea1, 0]);
  let from = Math.floor((first / 2 ** 32) * text.length);
  while (from < text.length - 1 && /\s/.test(text.charAt(from))) from += 1;
  const endOfLine = (at: number): number => {
    const lineEnd = text.indexOf('\n', at + 1);
    return lineEnd < 0 ? text.length : lineEnd;
  };
  const kind = second % 4;
  let to = endOfLine(from);
  if (kind === 0) to = from + 1 + Math.floor((third / 2 ** 32) * (to - from));
  for (let more = kind - 1; more > 0; more--) to = endOfLine(to);
  const id = `${path}:${from}`;
  return { id, languageId, before: text.slice(0, from), middle: text.slice(from, to), after: text.slice(to) };
}
