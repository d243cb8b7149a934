import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { summarisePairs } from '../../lab/bench/figure.ts';
import { parseReport } from '../../lab/bench/report.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const program = path.resolve(import.meta.dirname, '../../dist/lab.cjs');
const run = promisify(execFile);

it('a suite leaves a table, a plot and all measurements of the parts that were asked for', async () => {
  await using folder = await temporaryFolder();
  const parts = ['--only', 'statistics'];
  const options = ['--model', 'smollm2-135m', '--rounds', '1', '--output', folder.path];
  const { stdout } = await run(process.execPath, [program, 'bench', 'decode', ...parts, ...options]);
  const names = (await readdir(folder.path)).sort();
  // Of one name, which has the run's time, so that another run takes nothing away.
  const [name = ''] = names;
  expect(path.parse(name).name).toMatch(/^decode-smollm2-135m-\d{4}-/);
  expect(names).toEqual(['json', 'md', 'svg'].map((ending) => `${path.parse(name).name}.${ending}`));
  const report = parseReport(await readFile(path.join(folder.path, name), 'utf8'));
  const figures = report?.figures.filter((figure) => figure.type === 'paired') ?? [];
  expect(figures.map(({ subjectName }) => subjectName)).toEqual(['statistics']);
  for (const { pairs } of figures) {
    expect(pairs).toHaveLength(1);
    expect(summarisePairs(pairs).ratioLow).toBeGreaterThan(0);
  }
  expect(stdout).toContain('## decode: smollm2-135m');
});

it.each([
  [['decode', '--only', 'nothing'], 'There is no part "nothing"'],
  [['nothing'], 'There is no suite "nothing"'],
])('%j is wrong use', async (args, message) => {
  const failed = run(process.execPath, [program, 'bench', ...args]);
  await expect(failed).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) as string });
});

it('test sets are looked for in their usual place, which what misses them names', async () => {
  await using folder = await temporaryFolder();
  const env = { ...process.env, XDG_CACHE_HOME: folder.path };
  const place = path.join(folder.path, 'entropane', 'data');
  const reasoning = () =>
    run(process.execPath, [program, 'bench', 'reasoning', '--model', 'smollm2-135m', '--set', 'cats'], {
      env,
    });
  // Refused before anything is announced.
  const refused = (message: string) => ({
    stderr: expect.stringMatching(new RegExp(`^(?!reasoning on )[^]*${message}`, 'u')) as string,
  });
  await expect(reasoning()).rejects.toMatchObject(refused(`put them into ${place}`));
  await mkdir(place, { recursive: true });
  await expect(reasoning()).rejects.toMatchObject(refused(path.join(place, 'cats.jsonl')));
});
