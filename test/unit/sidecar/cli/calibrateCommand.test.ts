import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { calibrateCommand } from '../../../../lab/calibrate/command/calibrateCommand.ts';
import { calibrateRequestFrom } from '../../../../lab/calibrate/command/calibrateOptions.ts';
import { UsageError } from '../../../../sidecar/cli/command.ts';
import { defaultSettings } from '../../../../sidecar/validation/settings.ts';
import { recordingTerminal } from '../../../support/machine/recordingTerminal.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;
const calibrate = (args: readonly string[]): Promise<number> =>
  calibrateCommand.execute(args, recordingTerminal(), never);

describe('entropane calibrate', () => {
  it('samples the model that is set, as often as pays, unless told otherwise', () => {
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
