import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parseReport } from '../../lab/bench/report.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const program = path.resolve(import.meta.dirname, '../../dist/lab.cjs');
const run = promisify(execFile);

it('edits are written by a model, judged, and not asked for again', async () => {
  await using folder = await temporaryFolder();
  const raw = path.join(folder.path, 'raw');
  const bench = async (output: string) => {
    const which = ['--only', 'range', '--from', '1', '--limit', '1', '--threads', '1'];
    const places = ['--raw', raw, '--output', path.join(folder.path, output)];
    await run(process.execPath, [program, 'bench', 'edits', '--model', 'smollm2-135m', ...which, ...places]);
    const names = await readdir(path.join(folder.path, output));
    const file = names.find((name) => name.endsWith('.json')) ?? '';
    return parseReport(await readFile(path.join(folder.path, output, file), 'utf8'));
  };
  const answers = async () => {
    const [file = ''] = await readdir(raw);
    return (await readFile(path.join(raw, file), 'utf8')).trim().split('\n');
  };

  const first = await bench('first');
  const passed = first?.figures.find(({ name }) => name === 'edits, range: passed');
  expect(passed).toMatchObject({ type: 'single', unit: 'share' });
  expect(first?.figures.some(({ name }) => name.startsWith('edits, wholeFile'))).toBe(false);
  const written = await answers();
  expect(written).toHaveLength(1);

  expect((await bench('second'))?.figures).toEqual(first?.figures);
  expect(await answers()).toEqual(written);
});
