import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../sidecar/cli/command.ts';
import { pruneCommand } from '../../../sidecar/cli/commands/prune.ts';
import { timeLeft } from '../../../sidecar/cli/prune/workProgress.ts';
import { blockCountOf } from '../../../sidecar/gguf/ggufHeader.ts';
import { prunedOrigin } from '../../../sidecar/layerSkip/prunedOrigin.ts';
import { readGgufHeader } from '../../../sidecar/gguf/readGgufHeader.ts';
import { recordingTerminal } from '../../support/recordingTerminal.ts';
import { tinyModelBytes } from '../../support/tinyModel.ts';

let folder = '';
let model = '';
let output = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entropane-prune-'));
  model = join(folder, 'tiny.gguf');
  output = join(folder, 'out.gguf');
  await writeFile(model, tinyModelBytes({}));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the command and returns what it printed as a result. */
async function prune(args: readonly string[]): Promise<string> {
  const terminal = recordingTerminal();
  expect(await pruneCommand.execute(args, terminal, new AbortController().signal)).toBe(0);
  return terminal.printed.join('\n');
}

describe('entropane prune', () => {
  it('writes the model and says what is left of it', async () => {
    const printed = await prune([model, '--drop', '1,2', '--output', output]);
    expect(printed).toContain('2 of 4 blocks, without 1, 2');
    expect(blockCountOf(await readGgufHeader(output))).toBe(2);
  });

  it('prints one object with the plan for programs', async () => {
    const result: unknown = JSON.parse(
      await prune([model, '--keep-ratio', '0.5', '--output', output, '--json']),
    );
    expect(result).toMatchObject({
      type: 'result',
      path: output,
      plan: { blockCount: 4, droppedBlocks: [1, 2], choice: { type: 'unified' } },
    });
  });

  it.each([
    ['no model', ['--drop', '1', '--output', 'x']],
    ['two models', ['a', 'b', '--drop', '1', '--output', 'x']],
    ['no output', ['a', '--drop', '1']],
    ['no selection', ['a', '--output', 'x']],
    ['two selections', ['a', '--drop', '1', '--speedup', '2', '--output', 'x']],
    ['a word for a block', ['a', '--drop', '1,two', '--output', 'x']],
    ['a ratio above 1', ['a', '--keep-ratio', '3', '--output', 'x']],
    ['a way to choose that does not exist', ['a', '--count', '1', '--by', 'chance', '--output', 'x']],
    ['a kind of text that does not exist', ['a', '--count', '1', '--for', 'poems', '--output', 'x']],
    ['a comparison without a number of blocks', ['a', '--compare']],
    ['healing of nothing that is written', ['a', '--count', '1', '--measure', '--heal']],
    ['an option that does not exist', ['a', '--depth', '3']],
  ])('refuses %s as wrong use', async (_, args) => {
    await expect(prune(args)).rejects.toBeInstanceOf(UsageError);
  });

  it('keeps a plan, and writes the model that a kept plan describes', async () => {
    const plan = join(folder, 'plan.json');
    expect(await prune([model, '--count', '1', '--plan', plan])).toContain('3 of 4 blocks');
    expect(await readdir(folder)).toEqual(['plan.json', 'tiny.gguf']);
    expect(await prune([model, '--plan', plan, '--output', output])).toContain('3 of 4 blocks');
    expect(blockCountOf(await readGgufHeader(output))).toBe(3);
    expect(prunedOrigin(await readGgufHeader(output))).toMatchObject({ isHealed: false });
    expect(prunedOrigin(await readGgufHeader(model))).toBeNull();
  });

  it('refuses a plan for another model', async () => {
    const plan = join(folder, 'plan.json');
    await prune([model, '--count', '1', '--plan', plan]);
    const other = join(folder, 'other.gguf');
    await writeFile(other, Buffer.concat([tinyModelBytes({}), new Uint8Array(32)]));
    await expect(prune([other, '--plan', plan, '--output', output])).rejects.toMatchObject({
      code: 'plan.invalid',
    });
  });

  it('says that nothing was measured where nothing was', async () => {
    expect(await prune([model, '--profile'])).toContain('Nothing was measured');
  });

  it('fails on blocks that are not there, and writes nothing', async () => {
    await expect(prune([model, '--drop', '9', '--output', output])).rejects.toMatchObject({
      code: 'plan.invalid',
    });
    expect(await readdir(folder)).toEqual(['tiny.gguf']);
  });
});

describe('the time that is left', () => {
  it('follows from what is done, in seconds and then in minutes', () => {
    expect(timeLeft(0, 5000)).toBeNull();
    expect(timeLeft(0.5, 20_000)).toBe('20 s');
    expect(timeLeft(0.25, 60_000)).toBe('3 min');
    expect(timeLeft(1, 60_000)).toBe('0 s');
  });
});
