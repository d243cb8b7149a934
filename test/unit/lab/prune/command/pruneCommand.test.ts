import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pruneCommand } from '../../../../../lab/prune/command/pruneCommand.ts';
import { pruneOptions, pruneRequestFrom } from '../../../../../lab/prune/command/pruneRequest.ts';
import { prunedOrigin } from '../../../../../lab/prune/prunedOrigin.ts';
import { UsageError } from '../../../../../sidecar/cli/command.ts';
import { blockCountOf } from '../../../../../sidecar/gguf/ggufHeader.ts';
import { readGgufHeader } from '../../../../../sidecar/gguf/readGgufHeader.ts';
import { recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';
import { tinyModelBytes, uint32Value } from '../../../../support/modelFiles/tinyModel.ts';

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

  it('prints objects for programs: how far it is, and last the plan', async () => {
    const printed = await prune([model, '--keep-ratio', '0.5', '--output', output, '--json']);
    const objects = printed.split('\n').map((line): unknown => JSON.parse(line));
    const { size } = await stat(output);
    const whole = { type: 'progress', what: 'Writing', done: size, total: size, secondsLeft: 0 };
    expect(objects.at(-2)).toEqual(whole);
    expect(objects.at(-1)).toMatchObject({
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
    ['a profile beside healing', ['a', '--profile', '--heal']],
    ['a profile beside an output', ['a', '--profile', '--output', 'x']],
    ['compared files beside a number of blocks', ['a', 'b', '--compare', '--count', '1']],
    ['compared files beside an output', ['a', 'b', '--compare', '--output', 'x']],
    ['compared files beside healing', ['a', 'b', '--compare', '--heal']],
    ['compared ways beside an output', ['a', '--compare', '--count', '1', '--output', 'x']],
    ['compared ways beside one of them', ['a', '--compare', '--count', '1', '--by', 'loss']],
    ['a way to choose named blocks', ['a', '--drop', '1', '--by', 'loss', '--output', 'x']],
    ['a way to choose the blocks of a plan', ['a', '--plan', 'p', '--by', 'loss', '--output', 'x']],
    ['rounds where no speed is measured', ['a', '--count', '1', '--rounds', '3', '--output', 'x']],
    ['a kind of text where nothing is measured', ['a', '--count', '1', '--for', 'chat', '--output', 'x']],
    ['a text where none is read', ['a', '--count', '1', '--text', 't', '--output', 'x']],
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

  it('puts a plan in the place of an earlier one and says so, and leaves any other file as it is', async () => {
    const plan = join(folder, 'plan.json');
    expect(await prune([model, '--count', '1', '--plan', plan])).not.toContain('in the place of');
    expect(await prune([model, '--count', '2', '--plan', plan])).toContain('in the place of');
    expect(await prune([model, '--plan', plan, '--output', output])).toContain('2 of 4 blocks');
    const before = await readFile(model);
    await expect(prune([model, '--count', '1', '--plan', model])).rejects.toMatchObject({
      code: 'parameter.invalid',
    });
    expect(await readFile(model)).toEqual(before);
    expect(await readdir(folder)).toEqual(['out.gguf', 'plan.json', 'tiny.gguf']);
  });

  // What gets as far as measuring fails otherwise: the bundles are not where the sources are.
  describe('refuses before anything is measured', () => {
    const text = resolve(import.meta.dirname, '../../../../../media/calibration');
    const measured = ['--count', '1', '--measure', '--text', text];

    it('an output that exists', async () => {
      await writeFile(output, 'mine');
      await expect(prune([model, ...measured, '--output', output])).rejects.toMatchObject({
        code: 'parameter.invalid',
      });
      expect(await readFile(output, 'utf8')).toBe('mine');
    });

    it.each(['--output', '--plan'])('a folder that is not there, for %s', async (option) => {
      const file = join(folder, 'nowhere', 'file');
      await expect(prune([model, ...measured, option, file])).rejects.toMatchObject({
        code: 'parameter.invalid',
      });
    });

    it('a model whose blocks cannot be healed', async () => {
      await expect(prune([model, ...measured, '--heal', '--output', output])).rejects.toMatchObject({
        code: 'model.unsupported',
      });
    });

    it.each([
      ['written', ['--measure', '--output']],
      ['compared', ['--compare']],
    ])('a model whose blocks cannot be taken apart, to be %s', async (_, args) => {
      const metadata = new Map([['llama.expert_count', uint32Value(8)]]);
      await writeFile(model, tinyModelBytes({ metadata }));
      const options = args.includes('--output') ? [...args, output] : args;
      await expect(prune([model, '--count', '1', ...options])).rejects.toMatchObject({
        code: 'model.unsupported',
      });
    });
  });

  it('says that nothing was measured where nothing was, and how to, in commands that it takes', async () => {
    const printed = await prune([model, '--profile']);
    expect(printed).toContain('Nothing was measured');
    const commands = [...printed.matchAll(/^ {2}entropane prune (.*)$/gm)].map(([, args = '']) =>
      args.split(' '),
    );
    const types = commands.map((args) => {
      const { values, positionals } = parseArgs({ args, options: pruneOptions, allowPositionals: true });
      return pruneRequestFrom(values, positionals);
    });
    expect(types).toMatchObject([
      { type: 'plan', model },
      { type: 'compareFiles', model },
    ]);
  });

  it('fails on blocks that are not there, and writes nothing', async () => {
    await expect(prune([model, '--drop', '9', '--output', output])).rejects.toMatchObject({
      code: 'plan.invalid',
    });
    expect(await readdir(folder)).toEqual(['tiny.gguf']);
  });
});
