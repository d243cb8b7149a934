import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../../sidecar/cli/command.ts';
import { editCommand, fixCommand } from '../../../../../sidecar/cli/commands/editCommand.ts';
import { recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;

describe('entropane edit and fix', () => {
  it.each([
    ['no file', editCommand, ['--lines', '1:1', 'Do it.']],
    ['no lines', editCommand, ['--file', 'FILE', 'Do it.']],
    ['no instruction', editCommand, ['--file', 'FILE', '--lines', '1:1']],
    ['lines that are none', editCommand, ['--file', 'FILE', '--lines', 'all', 'Do it.']],
    ['a file and no problem', fixCommand, ['--file', 'FILE']],
    ['an empty problem', fixCommand, ['--file', 'FILE', '--problem', ' ']],
    ['words beside the problem', fixCommand, ['--file', 'FILE', '--problem', 'It fails.', 'now']],
    ['an empty command', fixCommand, ['--file', 'FILE', '--problem', 'It fails.', '--verify', ' ']],
    ['no candidates', editCommand, ['--file', 'FILE', '--lines', '1', '--candidates', '0', 'Do.']],
    [
      'a temperature that is too high',
      editCommand,
      ['--file', 'FILE', '--lines', '1', '--temperature', '99', 'Do.'],
    ],
  ])('%s is wrong use', async (_what, command, args) => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'a.py');
    await writeFile(file, 'a = 1\n');
    const given = args.map((arg) => (arg === 'FILE' ? file : arg));
    await expect(command.execute(given, recordingTerminal(), never)).rejects.toBeInstanceOf(UsageError);
  });

  it('an empty problem on standard input is wrong use, too', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'a.py');
    await writeFile(file, 'a = 1\n');
    const terminal = recordingTerminal({ readInput: () => Promise.resolve('\n') });
    await expect(fixCommand.execute(['--file', file], terminal, never)).rejects.toThrow(
      'The problem is empty.',
    );
  });

  it('lines that the file has not are refused before a model is loaded', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'a.py');
    await writeFile(file, 'a = 1\n');
    const args = ['--file', file, '--lines', '1:2', 'Do it.'];
    await expect(editCommand.execute(args, recordingTerminal(), never)).rejects.toMatchObject({
      code: 'parameter.invalid',
    });
  });
});
