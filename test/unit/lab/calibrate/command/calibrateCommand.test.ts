import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { calibrateCommand } from '../../../../../lab/calibrate/command/calibrateCommand.ts';
import { calibrateRequestFrom } from '../../../../../lab/calibrate/command/calibrateOptions.ts';
import { valueHeadRequestFrom } from '../../../../../lab/calibrate/command/valueHeadTask.ts';
import { valueSetRequestFrom } from '../../../../../lab/calibrate/command/valueSetRequest.ts';
import { UsageError } from '../../../../../sidecar/cli/command.ts';
import { selfConsistency } from '../../../../../sidecar/reasoning/strategies/selfConsistency.ts';
import { defaultSettings } from '../../../../../sidecar/validation/sidecarSettings.ts';
import { recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;
const calibrate = (args: readonly string[]): Promise<number> =>
  calibrateCommand.execute(args, recordingTerminal(), never);

describe('entropane calibrate', () => {
  it('samples the model that is set, as often as pays, by default', () => {
    expect(calibrateRequestFrom({ questions: 'q.jsonl' }, [])).toMatchObject({
      model: defaultSettings.model,
      limit: null,
      plan: { samples: 4, temperature: 0.4, maxThoughtTokens: defaultSettings.maxThoughtTokens, seed: 0 },
      shareRule: 'even',
      betaRule: { type: 'split' },
    });
    expect(calibrateRequestFrom({ questions: 'q', beta: '0.5', limit: '9', seed: '4' }, [])).toMatchObject({
      limit: 9,
      plan: { seed: 4 },
      betaRule: { type: 'percentile', share: 0.5 },
    });
  });

  it.each([
    ['no questions', []],
    ['questions without their option', ['q.jsonl']],
    ['no samples', ['--questions', 'q', '--samples', '0']],
    ['greedy samples, which are all the same', ['--questions', 'q', '--temperature', '0']],
    ['a probe that is no .onnx file', ['--questions', 'q', '--out', 'probe.json']],
    ['everything held out', ['--questions', 'q', '--held-out', '1']],
    ['a rule for α and γ that there is not', ['--questions', 'q', '--shares', 'odd']],
    ['a share above 1 for β', ['--questions', 'q', '--beta', '2']],
    ['a date that is none', ['--questions', 'q', '--date', 'today']],
  ])('refuses %s as wrong use', async (_, args) => {
    await expect(calibrate(args)).rejects.toBeInstanceOf(UsageError);
  });

  it('samples a value set as the strategy that votes runs, and packs or compares it instead', () => {
    expect(valueSetRequestFrom({ questions: 'q.jsonl' }, [])).toEqual({
      action: 'sample',
      model: defaultSettings.model,
      statesPath: null,
      questionsPath: 'q.jsonl',
      limit: null,
      plan: { samples: 4, temperature: 0.7, maxThoughtTokens: defaultSettings.maxThoughtTokens, seed: 0 },
      parallel: 16,
      threads: 0,
      packedFolder: null,
    });
    expect(valueSetRequestFrom({ pack: true, packed: 'set', bits: '4', components: '64' }, [])).toMatchObject(
      {
        action: 'pack',
        packedFolder: 'set',
        componentCount: 64,
        bits: 4,
      },
    );
    expect(valueSetRequestFrom({ compare: true, model: 'm' }, [])).toMatchObject({
      action: 'compare',
      model: 'm',
    });
  });

  it('samples as hot as the strategy that votes', () => {
    const request = valueSetRequestFrom({ questions: 'q.jsonl' }, []);
    expect(request.action === 'sample' && request.plan.temperature).toBe(selfConsistency.temperature);
  });

  it.each([
    ['nothing to sample', []],
    ['packing without a folder', ['--pack']],
    ['packing and comparing at once', ['--pack', '--packed', 'set', '--compare']],
    ['bits that numbers cannot have', ['--pack', '--packed', 'set', '--bits', '7']],
    ['no sample', ['--questions', 'q', '--samples', '0']],
    ['questions without their option', ['q.jsonl']],
  ])('refuses a value set with %s as wrong use', async (_, args) => {
    await expect(calibrate(['--value-set', ...args])).rejects.toBeInstanceOf(UsageError);
  });

  it.each([
    ['questions, which it does not sample', ['--questions', 'q']],
    ['two sets at once', ['--raw', 'a.states', '--packed', 'set']],
    ['a head whose name does not end with .onnx', ['--out', 'head.json']],
    ['a word that names nothing', ['x']],
  ])('refuses a value head with %s as wrong use', async (_, args) => {
    await expect(calibrate(['--value-head', ...args])).rejects.toBeInstanceOf(UsageError);
  });

  it('fits a value head to the set of the model that is set, by default', () => {
    expect(valueHeadRequestFrom({}, [])).toEqual({
      model: defaultSettings.model,
      statesPath: null,
      packedFolder: null,
      headPath: null,
    });
  });

  it('looks at the questions before it looks for a model', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'q.jsonl');
    await expect(calibrate(['--questions', file])).rejects.toMatchObject({ code: 'parameter.invalid' });
    await writeFile(file, '{"id":1,"question":"Why?"}\n');
    await expect(calibrate(['--questions', file, '--model', 'none.gguf'])).rejects.toMatchObject({
      code: 'questions.invalid',
      message: expect.stringContaining(`${file} cannot be used: line 1 has no answer`) as string,
    });
    await writeFile(file, '{"id":1,"question":"Why?","answer":1}\n');
    await expect(calibrate(['--questions', file, '--model', 'none.gguf'])).rejects.toMatchObject({
      code: 'model.missing',
    });
  });
});
