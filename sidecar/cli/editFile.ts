import { chmod, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CodedError } from '../../protocol/codedError.ts';
import type { EditDocument } from '../../protocol/edit.ts';
import type { DocumentRange } from '../../protocol/documentPlace.ts';
import { lineEndOf, linesWithEnds } from '../edits/lineRange.ts';
import { type FileKey, fileKeyOf, isSameFile } from '../storage/fileKey.ts';
import { replaceFile } from '../storage/replaceFile.ts';
import { readInputBytes } from './inputFile.ts';
import { languageOf } from './languageOf.ts';
import { UsageError } from './optionSpec.ts';

/** A file to edit, as it was read. */
export interface EditFile {
  readonly document: EditDocument;
  /** Whether it is in the folder that the command runs in. */
  readonly isBelow: boolean;
  /** The mark of the byte order before its text, where it has one. */
  readonly mark: string;
  /** Names the file and its state then. */
  readonly key: FileKey;
}

const modeBits = 0o777;
const byteOrderMark = '\u{feff}';

/** Decides where no line of the file is indented. */
const formatting = { tabSize: 4, insertSpaces: true };

/** Reads a file that the user named. Throws `parameter.invalid` where it cannot be read, or is not UTF-8. */
export async function readEditFile(filePath: string): Promise<EditFile> {
  const bytes = await readInputBytes(filePath);
  const absolute = path.resolve(filePath);
  const whole = textOf(bytes, filePath);
  const mark = whole.startsWith(byteOrderMark) ? byteOrderMark : '';
  const text = whole.slice(mark.length);
  const relative = path.relative(process.cwd(), absolute);
  const isBelow = relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative);
  return {
    mark,
    isBelow,
    key: await fileKeyOf(absolute),
    document: {
      uri: pathToFileURL(absolute).href,
      // With forward slashes, as diffs name files.
      path: isBelow ? relative.replaceAll(path.sep, '/') : path.basename(absolute),
      languageId: languageOf(filePath),
      version: 0,
      text,
      lineEnd: lineEndOf(text),
      formatting,
      encoding: mark === '' ? 'utf8' : 'utf8bom',
      workspaceFolder: process.cwd(),
    },
  };
}

function textOf(bytes: Uint8Array, filePath: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CodedError(
      'parameter.invalid',
      `${filePath} is not UTF-8, so it could not be written back as it is. Nothing was asked of the model.`,
      'Convert it to UTF-8 first.',
      { cause },
    );
  }
}

/** The range of `--lines`, such as `3:7` or `3`, in a document; all of it without one. Throws `UsageError` and `parameter.invalid`. */
export function parseLines(lines: string | undefined, { text, path: name }: EditDocument): DocumentRange {
  const count = linesWithEnds(text).length;
  const [, first = '1', last = first] = /^(\d+)(?::(\d+))?$/.exec(lines ?? `1:${count}`) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (lines !== undefined && (!/^\d+(:\d+)?$/.test(lines) || from < 1 || from > to))
    throw new UsageError(
      `--lines takes a line number, or two such as 3:7, counted from 1, and not "${lines}".`,
    );
  if (to > count) {
    throw new CodedError(
      'parameter.invalid',
      `${name} has ${count} lines, so it has no line ${to}. Nothing was asked of the model.`,
      'Give lines that the file has; the first is 1.',
    );
  }
  const [end = ''] = linesWithEnds(text).slice(to - 1, to);
  return {
    start: { line: Math.max(0, from - 1), character: 0 },
    end: end.endsWith('\n')
      ? { line: to, character: 0 }
      : { line: Math.max(0, to - 1), character: end.length },
  };
}

/**
 * Writes an edited text in the place of the file, which is there whole or as it was before, with its mode. Throws
 * `document.changed` where it is not as it was read, and `store.unwritable`.
 */
export async function writeEditFile({ key, mark, document }: EditFile, text: string): Promise<void> {
  const now = await fileKeyOf(key.path).catch(() => null);
  const isAsRead =
    now !== null &&
    isSameFile(now, key) &&
    Buffer.from(mark + document.text).equals(await readFile(key.path).catch(() => Buffer.alloc(0)));
  if (!isAsRead) {
    throw new CodedError(
      'document.changed',
      `${document.path} has changed since it was read, so nothing was written.`,
      'Run the command again.',
    );
  }
  try {
    const { mode } = await stat(key.path);
    await replaceFile(key.path, mark + text, { mode: mode & modeBits });
    // What the process masks of a new file's mode.
    await chmod(key.path, mode & modeBits);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError(
      'store.unwritable',
      `${document.path} cannot be written: ${why}.`,
      'Check that you may write the file and its folder.',
      { cause },
    );
  }
}
