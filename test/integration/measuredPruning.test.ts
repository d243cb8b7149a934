import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parsePlan } from '../../lab/prune/planFile.ts';
import type { SkipProfile } from '../../sidecar/layerSkip/skipProfile.ts';
import type { TextQuality } from '../../sidecar/layerSkip/textQuality.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

const run = promisify(execFile);
const program = path.resolve(import.meta.dirname, '../../dist/cli.cjs');
const model = 'smollm2-135m';
/** Little text, so that a run takes moments. */
const little = ['--tokens', '120', '--seed', '1'];

async function prune(args: readonly string[]): Promise<unknown> {
  const { stdout } = await run(process.execPath, [program, 'prune', ...args, '--json']);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

test('blocks chosen by measuring are kept as a plan, the same again, and cost less than arbitrary ones', async () => {
  await using folder = await temporaryFolder();
  const planPath = path.join(folder.path, 'plan.json');
  await prune([model, '--count', '2', '--measure', ...little, '--plan', planPath]);
  const text = await readFile(planPath, 'utf8');
  const plan = parsePlan(text, planPath);
  expect(plan.choice.type).toBe('influence');
  expect(plan.droppedBlocks).toHaveLength(2);
  expect(plan.measured?.scores).toHaveLength(plan.blockCount);
  const { quality } = plan.measured ?? {};
  expect(quality?.greedyAgreement).toBeGreaterThan(0.4);
  expect(quality?.greedyAgreement).toBeLessThan(1);

  await prune([model, '--count', '2', '--measure', ...little, '--plan', planPath]);
  expect(await readFile(planPath, 'utf8')).toBe(text);

  const damaging = await prune([model, '--drop', '1,2', '--measure', ...little]);
  expect(damaging).toMatchObject({ plan: { choice: { type: 'listed' } } });
  const worse = (damaging as { readonly plan: typeof plan }).plan.measured?.quality;
  expect(worse?.perplexityRatio).toBeGreaterThan(quality?.perplexityRatio ?? Infinity);
});

test('a pruned file is measured beside the whole model, and what was found stays in its profile', async () => {
  await using folder = await temporaryFolder();
  const output = path.join(folder.path, 'smaller.gguf');
  await prune([model, '--drop', '20,21', '--output', output]);
  await prune([model, '--compare', output, ...little, '--rounds', '1']);
  const { profile } = (await prune([model, '--profile'])) as { readonly profile: SkipProfile };
  const [measurement] = profile.measurements.filter(({ path: measured }) => measured === output);
  expect(measurement?.droppedBlocks).toEqual([20, 21]);
  expect(measurement?.isHealed).toBe(false);
  expect(measurement?.quality.tokenCount).toBeGreaterThan(100);
  expect(measurement?.decodeSpeed.median).toBeGreaterThan(0);
  const emulated = (await prune([model, '--drop', '20,21', '--measure', ...little])) as {
    readonly plan: ReturnType<typeof parsePlan>;
  };
  // Measured of the file, and of the whole model without those blocks: the same but for rounding.
  expect(measurement?.quality.perplexityRatio).toBeCloseTo(
    emulated.plan.measured?.quality.perplexityRatio ?? NaN,
    3,
  );
});

test('a healed file is measured as it was written, beside what the same blocks cost unhealed', async () => {
  await using folder = await temporaryFolder();
  const output = path.join(folder.path, 'healed.gguf');
  const wanted = ['--drop', '20', '--measure', '--heal', '--tokens', '600', '--seed', '1'];
  const { plan, quality } = (await prune([model, ...wanted, '--output', output])) as {
    readonly plan: ReturnType<typeof parsePlan>;
    readonly quality: TextQuality;
  };
  const unhealed = plan.measured?.quality;
  expect(quality.tokenCount).toBe(unhealed?.tokenCount);
  expect(quality.perplexityRatio).toBeLessThan(unhealed?.perplexityRatio ?? NaN);
  expect(quality.perplexityRatio).toBeGreaterThan(1);
});

test('an interrupted measurement stops and leaves nothing behind', async () => {
  await using folder = await temporaryFolder();
  const wanted = ['--count', '6', '--by', 'loss', '--tokens', '20000', '--json'];
  const kept = [
    '--plan',
    path.join(folder.path, 'plan.json'),
    '--output',
    path.join(folder.path, 'out.gguf'),
  ];
  const child = spawn(process.execPath, [program, 'prune', model, ...wanted, ...kept], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const said: {
    readonly type: string;
    readonly what?: string;
    readonly error?: { readonly code: string };
  }[] = [];
  let isInterrupted = false;
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(JSON.parse(line) as (typeof said)[number]);
    // In the midst of what would take minutes.
    if (!isInterrupted && said.at(-1)?.what === 'Choosing by loss') isInterrupted = child.kill('SIGINT');
  }
  if (child.exitCode === null) await once(child, 'exit');
  expect(isInterrupted).toBe(true);
  expect(said.at(-1)).toMatchObject({ type: 'result', error: { code: 'cancelled' } });
  expect(child.exitCode).toBe(1);
  expect(await readdir(folder.path)).toEqual([]);
});
