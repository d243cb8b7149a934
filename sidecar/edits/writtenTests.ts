import path from 'node:path';
import { leadOf } from '../../protocol/leadOf.ts';
import { definedNames } from '../reasoning/answers/codeFence.ts';
import { withLineEnds } from './lineRange.ts';
import { isWritten } from './ownLines.ts';

/** A file whose code is tested in the file itself. */
interface TestedFile {
  readonly path: string;
  readonly text: string;
  readonly languageId: string;
}

/** Ends what a line before it has begun. */
const closing = /^[}\])]/;

/**
 * Code of an answer as tests of the file that they are put into: without what the file defines already and without imports from
 * the file itself. Models write both, since tests mostly have a file of their own. Pure.
 */
export function testsAlone(code: string, file: TestedFile): string {
  const known = definedNames(withLineEnds(file.text, '\n'));
  const isOwnImport = importsFrom(path.posix.parse(file.path.replaceAll('\\', '/')).name);
  const kept: string[] = [];
  let isKnown = false;
  for (const { line, statement } of inStatements(withLineEnds(code, '\n').split('\n'))) {
    if (isWritten(line) && leadOf(line) === '' && !closing.test(line)) {
      isKnown = [...definedNames(line)].some((name) => known.has(name));
    }
    if (!isKnown && !isOwnImport(statement)) kept.push(line);
  }
  return kept.join('\n').replace(/^\s*\n/, '');
}

/** The lines of a program, each with the whole import of which it may be a part. */
function* inStatements(
  lines: readonly string[],
): Generator<{ readonly line: string; readonly statement: string }> {
  let at = 0;
  while (at < lines.length) {
    const isOpen = /^\s*(?:from\s.*\(|import\s.*\{)[^)}]*$/.test(lines[at] ?? '');
    const from = at;
    const end = isOpen ? lines.findIndex((line, place) => place > from && /[)}]/.test(line)) : at;
    const part = lines.slice(at, Math.max(at, end) + 1);
    for (const line of part) yield { line, statement: part.join(' ') };
    at += part.length;
  }
}

/** Tests with the blank lines between them and the code before. `before` has line ends of any kind. Pure. */
export function testsApart(
  tests: string,
  before: string,
  { languageId, lineEnd }: Pick<TestedFile, 'languageId'> & { readonly lineEnd: '\n' | '\r\n' },
): string {
  const bare = tests.replace(/^(?:\r?\n)+/, '');
  if (bare === '' || before.trim() === '') return bare;
  const blank = languageId === 'python' ? 2 : 1;
  const there = (/(?:\r?\n)+$/.exec(before)?.[0] ?? '').split('\n').length - 1;
  return lineEnd.repeat(Math.max(0, blank + 1 - there)) + bare;
}

function importsFrom(module: string): (line: string) => boolean {
  const name = module.replaceAll(/[^\w-]/g, '.');
  const ofPython = new RegExp(`^\\s*(?:from\\s+[\\w.]*\\b${name}\\s+import\\s|import\\s+${name}\\s*$)`);
  const ofScript = new RegExp(`(?:\\sfrom\\s+|require\\()['"][./](?:[^'"]*/)?${name}(?:\\.\\w+)?['"]`);
  return (line) => ofPython.test(line) || ofScript.test(line);
}
