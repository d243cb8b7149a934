import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ContextOffer } from '../../../protocol/messages.ts';
import { philox } from '../../../sidecar/numeric/random.ts';
import { isAbsent } from '../../../sidecar/process/systemError.ts';

/** A line cut where a name of another file of the same package was just written, and the declarations of what the file imports. */
export interface CrossFileRow {
  /** Path of the file in its folder, and the line, to name the row by. */
  readonly id: string;
  readonly uri: string;
  readonly languageId: string;
  readonly before: string;
  /** The rest of the line. */
  readonly middle: string;
  readonly after: string;
  /** As an editor would offer them. */
  readonly offers: readonly Omit<ContextOffer, 'at'>[];
}

/** A name that a file imports, and where from. */
export interface ImportedName {
  readonly name: string;
  readonly path: string;
}

const extensions: Readonly<Record<string, string>> = {
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.js': 'javascript',
  '.mjs': 'javascript',
};
const fileChars = { least: 800, most: 40_000 };
const longestLine = 160;
/** Characters of the rest of a line: shorter ones are brackets, longer ones nobody could guess. */
const middleChars = { least: 4, most: 70 };
/** Of one package at most, so that the set is not all of the largest. */
const rowsPerPackage = 60;
/** Of one file at most. */
const rowsPerFile = 2;
/** Lines of a declaration that an editor would offer at most. */
const declarationLines = 40;

/**
 * Rows cut from the packages in a folder by script: a line of code that uses an imported name, from after the `(` or `.` that
 * follows the name. The same folder gives the same rows, mixed.
 */
export async function cutCrossFileRows(
  folder: string,
  signal: AbortSignal,
): Promise<readonly CrossFileRow[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !/\.(?:d\.m?ts|min\.js|test\.[mc]?[jt]s)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => extname(path) in extensions)
    .toSorted();
  const rows: CrossFileRow[] = [];
  const perPackage = new Map<string, number>();
  const seen = new Set<string>();
  for (const path of paths) {
    signal.throwIfAborted();
    const name = packageOf(relative(folder, path));
    const count = perPackage.get(name) ?? 0;
    if (count >= rowsPerPackage) continue;
    const text = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
    // Some packages ship the same file several times.
    if (seen.has(text) || !isCode(text)) continue;
    seen.add(text);
    const cut = await rowsOf(folder, path, text);
    perPackage.set(name, count + cut.length);
    rows.push(...cut);
  }
  return mixed(rows);
}

function packageOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function isCode(text: string): boolean {
  return (
    text.length >= fileChars.least &&
    text.length <= fileChars.most &&
    text.split('\n').every((line) => line.length <= longestLine)
  );
}

async function rowsOf(folder: string, path: string, text: string): Promise<readonly CrossFileRow[]> {
  const imported = relativeImports(text);
  if (imported.length < 2) return [];
  const offers: Omit<ContextOffer, 'at'>[] = [];
  const known = new Set<string>();
  for (const { name, path: from } of imported) {
    const target = await resolved(dirname(path), from);
    const offer = target === null ? null : declarationOf(name, target);
    if (offer === null) continue;
    offers.push(offer);
    known.add(name);
  }
  const places = usesOf(text, known);
  const chosen = mixed(places).slice(0, rowsPerFile);
  return chosen.map((at) => {
    const lineEnd = text.indexOf('\n', at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    return {
      id: `${relative(folder, path)}:${at}`,
      uri: pathToFileURL(path).href,
      languageId: extensions[extname(path)] ?? 'javascript',
      before: text.slice(0, at),
      middle: text.slice(at, end),
      after: text.slice(end),
      offers,
    };
  });
}

/** Names in braces that a text imports from files beside it. Pure. */
export function relativeImports(text: string): readonly ImportedName[] {
  const names: ImportedName[] = [];
  for (const [, list = '', path = ''] of text.matchAll(
    /^import\s+(?:type\s+)?\{([^}]*)\}\s*from\s*['"](\.[^'"\n]+)['"]/gm,
  )) {
    for (const part of list.split(',')) {
      const name = /^\s*(?:type\s+)?([A-Za-z_$][\w$]*)\s*$/.exec(part)?.[1];
      if (name !== undefined) names.push({ name, path });
    }
  }
  return names;
}

/** Offsets after `name(` and `name.` in lines that import nothing, from which a rest of fitting length follows. Pure. */
export function usesOf(text: string, names: ReadonlySet<string>): readonly number[] {
  const offsets: number[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const isComment = /^\s*(?:\/\/|\*|\/\*)/.test(line);
    if (!isComment && !/^\s*(?:import|export\s*\{|\} from)/.test(line)) {
      for (const use of line.matchAll(/(?<![\w$.'"`])([A-Za-z_$][\w$]*)[(.]/g)) {
        const rest = line.slice(use.index + use[0].length);
        const isFitting =
          rest.length >= middleChars.least && rest.length <= middleChars.most && /\w/.test(rest);
        if (names.has(use[1] ?? '') && isFitting && !/\bfunction\s*$/.test(line.slice(0, use.index)))
          offsets.push(start + use.index + use[0].length);
      }
    }
    start += line.length + 1;
  }
  return offsets;
}

interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** The file that a relative path of an import means; null where there is none. */
async function resolved(folder: string, path: string): Promise<SourceText | null> {
  const base = join(folder, path);
  const stem = base.replace(/\.[cm]?js$/, '');
  const tries = [
    base,
    `${stem}.ts`,
    `${stem}.mts`,
    `${base}.js`,
    `${base}.mjs`,
    join(base, 'index.ts'),
    join(base, 'index.js'),
  ];
  for (const candidate of tries) {
    if (!(extname(candidate) in extensions)) continue;
    try {
      return { path: candidate, text: (await readFile(candidate, 'utf8')).replaceAll('\r\n', '\n') };
    } catch (thrown) {
      if (!isAbsent(thrown)) throw thrown;
    }
  }
  return null;
}

/** The lines of a name's declaration in a file, as an editor's definition says them; null where it is declared elsewhere. Pure. */
export function declarationOf(name: string, { path, text }: SourceText): Omit<ContextOffer, 'at'> | null {
  const lines = text.split('\n');
  const form = new RegExp(
    `^(?:export\\s+)?(?:default\\s+)?(?:declare\\s+)?(?:abstract\\s+)?(?:async\\s+)?(?:function\\*?|class|const|let|var|interface|type|enum)\\s+${name.replaceAll('$', '\\$')}(?![\\w$])`,
  );
  const first = lines.findIndex((line) => form.test(line));
  if (first < 0) return null;
  let end = first + 1;
  while (end < lines.length && end - first < declarationLines && goesOn(lines[end] ?? '')) end += 1;
  const closes = /^[)\]}]/.test(lines[end] ?? '');
  const last = Math.min(closes ? end : end - 1, lines.length - 1);
  return {
    uri: pathToFileURL(path).href,
    version: 0,
    range: {
      start: { line: first, character: 0 },
      end: { line: last, character: (lines[last] ?? '').length },
    },
    text: lines.slice(first, last + 1).join('\n'),
    reason: 'declaration',
  };
}

/** Whether a line belongs to the declaration above: it is indented or blank. */
function goesOn(line: string): boolean {
  return line === '' || /^\s/.test(line);
}

/** The same items in another order, the same each time. */
function mixed<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item, index) => ({ item, key: philox([index, 0, 0, 0], [0xc406, 0])[0] }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
