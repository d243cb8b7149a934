import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { parseReport } from '../../lab/bench/report.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const program = path.resolve(import.meta.dirname, '../../dist/lab.cjs');
const run = promisify(execFile);

it('questions are answered once, however often the suite runs, and make a report with a plot', async () => {
  await using folder = await temporaryFolder();
  const set = ['2 plus 3', '4 plus 4'].map((sum, index) =>
    JSON.stringify({ id: `q${index}`, question: `What is ${sum}?`, answer: `${5 + 3 * index}` }),
  );
  await writeFile(path.join(folder.path, 'sums.jsonl'), set.join('\n'));
  const raw = path.join(folder.path, 'raw');
  const output = path.join(folder.path, 'out');
  const measure = (strategies: string) =>
    run(process.execPath, [
      program,
      ...['bench', 'reasoning', '--only', 'accuracy', '--model', 'smollm2-135m', '--data', folder.path],
      ...['--set', 'sums', '--strategies', strategies, '--raw', raw, '--output', output],
    ]);
  const lines = async () => {
    const [name = ''] = await readdir(raw);
    return (await readFile(path.join(raw, name), 'utf8')).trimEnd().split('\n');
  };
  await measure('chainOfThought:cap=24');
  expect(await lines()).toHaveLength(2);
  const { stdout } = await measure('chainOfThought:cap=24,selfConsistency:2:cap=24:consensus=off');
  expect(await lines()).toHaveLength(4);
  expect(stdout).toContain('## reasoning: smollm2-135m, sums');
  const newest = (ending: string) =>
    readdir(output).then(
      (names) =>
        names
          .filter((name) => name.endsWith(ending))
          .sort()
          .at(-1) ?? '',
    );
  const text = await readFile(path.join(output, await newest('.json')), 'utf8');
  const figures = parseReport(text)?.figures ?? [];
  expect(figures.filter(({ type }) => type === 'strategy')).toMatchObject([
    { name: 'chainOfThought:cap=24', questions: 2, runs: 2 },
    { name: 'selfConsistency:2:cap=24:consensus=off', questions: 2, runs: 2 },
  ]);
  expect(await newest('.svg')).toMatch(/^reasoning-smollm2-135m-sums-/);
});
