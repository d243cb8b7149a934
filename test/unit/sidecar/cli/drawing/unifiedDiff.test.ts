import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { styleFor } from '../../../../../sidecar/cli/drawing/style.ts';
import { colouredDiff, unifiedDiff } from '../../../../../sidecar/cli/drawing/unifiedDiff.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const run = promisify(execFile);
const numbered = Array.from({ length: 20 }, (_, index) => `${index + 1}\n`).join('');

describe('a unified diff', () => {
  it('has three lines before and after each change', () => {
    const changed = numbered.replace('5\n', 'five\n').replace('19\n', '');
    expect(unifiedDiff('n.txt', numbered, changed)).toEqual([
      ...['--- a/n.txt', '+++ b/n.txt'],
      ...['@@ -2,7 +2,7 @@', ' 2', ' 3', ' 4', '-5', '+five', ' 6', ' 7', ' 8'],
      ...['@@ -16,5 +16,4 @@', ' 16', ' 17', ' 18', '-19', ' 20'],
    ]);
  });

  it('joins changes that are near, and has none where nothing changes', () => {
    const changed = numbered.replace('5\n', '').replace('12\n', '');
    expect(unifiedDiff('n', numbered, changed).filter((line) => line.startsWith('@@'))).toHaveLength(1);
    expect(unifiedDiff('n', numbered, numbered)).toEqual([]);
  });

  it('is coloured by what a line is', () => {
    const [, , ...lines] = colouredDiff(unifiedDiff('n', 'a\nb\n', 'a\nc\n'), styleFor({ hasColour: true }));
    expect(lines.map((line) => /\x1b\[(\d+)m/.exec(line)?.[1] ?? null)).toEqual(['2', null, '31', '32']);
  });

  it.each([
    ['a change', numbered, numbered.replace('7\n', 'seven\n7\n')],
    ['line ends of Windows', 'a\r\nb\r\n', 'a\r\nc\r\n'],
    ['an end without a line end', 'a\nb', 'a\nc'],
    ['an end that gets one', 'a\nb', 'a\nb\nc\n'],
    ['a file that was empty', '', 'a\nb\n'],
    ['a file that gets empty', 'a\n', ''],
  ])('of %s is what git applies', async (_what, old, changed) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'n.txt');
    await writeFile(file, old);
    const lines = unifiedDiff('n.txt', old, changed);
    await writeFile(path.join(folder.path, 'n.diff'), lines.map((line) => `${line}\n`).join(''));
    await run('git', ['apply', 'n.diff'], {
      cwd: folder.path,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(folder.path) },
    });
    expect(await readFile(file, 'utf8')).toBe(changed);
  });
});
