import { chmod, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLines, readEditFile, writeEditFile } from '../../../../sidecar/cli/editFile.ts';
import { UsageError } from '../../../../sidecar/cli/command.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

async function fileWith(bytes: string | Uint8Array) {
  const folder = await temporaryFolder();
  const file = path.join(folder.path, 'sums.py');
  await writeFile(file, bytes);
  return { folder, file, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('a file to edit', () => {
  it('is written back whole, with its mode and mark, where a link leads', async () => {
    await using place = await fileWith('\u{feff}a\r\nb\r\n');
    await chmod(place.file, 0o775);
    const link = path.join(place.folder.path, 'link.py');
    await symlink(place.file, link);
    const file = await readEditFile(link);
    expect(file.document).toMatchObject({ text: 'a\r\nb\r\n', lineEnd: '\r\n', languageId: 'python' });
    await writeEditFile(file, 'c\r\n');
    expect(await readFile(place.file, 'utf8')).toBe('\u{feff}c\r\n');
    expect((await stat(place.file)).mode & 0o777).toBe(0o775);
    expect((await readdir(place.folder.path)).sort()).toEqual(['link.py', 'sums.py']);
  });

  it('is not written once it has changed, though its size and time are the same', async () => {
    await using place = await fileWith('a\n');
    const { atime, mtime } = await stat(place.file);
    const file = await readEditFile(place.file);
    await writeFile(place.file, 'b\n');
    await utimes(place.file, atime, mtime);
    await expect(writeEditFile(file, 'c\n')).rejects.toMatchObject({ code: 'document.changed' });
    expect(await readFile(place.file, 'utf8')).toBe('b\n');
  });

  it('is refused where it is not UTF-8, or not there', async () => {
    await using place = await fileWith(Uint8Array.of(0x61, 0xe4, 0x0a));
    await expect(readEditFile(place.file)).rejects.toMatchObject({ code: 'parameter.invalid' });
    await expect(readEditFile(`${place.file}x`)).rejects.toMatchObject({ code: 'parameter.invalid' });
  });
});

describe('lines of a file', () => {
  const rangeIn = async (text: string, lines: string | undefined) => {
    await using place = await fileWith(text);
    const { start, end } = parseLines(lines, (await readEditFile(place.file)).document);
    return [start.line, start.character, end.line, end.character];
  };

  it.each([
    ['a\nb\nc\n', '2:3', [1, 0, 3, 0]],
    ['a\nb\nc\n', '2', [1, 0, 2, 0]],
    ['a\nb\ncd', '2:3', [1, 0, 2, 2]],
    ['a\nb\n', undefined, [0, 0, 2, 0]],
    ['', undefined, [0, 0, 0, 0]],
  ])('%j at %j', async (text, lines, expected) => {
    expect(await rangeIn(text, lines)).toEqual(expected);
  });

  it.each(['0:1', '2:1', 'a', '1:', '1-2', '-1'])('%j are wrong use', async (lines) => {
    await expect(rangeIn('a\nb\n', lines)).rejects.toBeInstanceOf(UsageError);
  });

  it('that the file has not are refused', async () => {
    await expect(rangeIn('a\nb\n', '2:3')).rejects.toMatchObject({ code: 'parameter.invalid' });
  });
});
