import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { modelsCommand } from '../../../../../sidecar/cli/commands/modelsCommand.ts';
import { openMachineStore } from '../../../../../sidecar/models/machineStore.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

it('a list with a file that was not checked says what checks it', async () => {
  await using folder = await temporaryFolder();
  const listed = async (): Promise<string> => {
    const terminal = recordingTerminal();
    const args = ['list', '--store', folder.path];
    expect(await modelsCommand.execute(args, terminal, new AbortController().signal)).toBe(0);
    return terminal.printed.join('\n');
  };
  expect(await listed()).not.toContain('models verify');
  const store = openMachineStore({ storePath: folder.path, environment: {}, clock: new ManualClock() });
  await mkdir(store.folder, { recursive: true });
  await writeFile(path.join(store.folder, 'mine.gguf'), 'some bytes');
  const [, hint = ''] = (await listed()).split('\n\n');
  expect(hint).toMatch(/^unchecked: .*"entropane models verify"/u);
});
