import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../sidecar/cli/command.ts';
import { pruneCommand } from '../../../sidecar/cli/commands/prune.ts';
import { blockCountOf } from '../../../sidecar/gguf/ggufHeader.ts';
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
    ['an option that does not exist', ['a', '--depth', '3']],
  ])('refuses %s as wrong use', async (_, args) => {
    await expect(prune(args)).rejects.toBeInstanceOf(UsageError);
  });

  it('fails on blocks that are not there, and writes nothing', async () => {
    await expect(prune([model, '--drop', '9', '--output', output])).rejects.toMatchObject({
      code: 'plan.invalid',
    });
    expect(await readdir(folder)).toEqual(['tiny.gguf']);
  });
});
