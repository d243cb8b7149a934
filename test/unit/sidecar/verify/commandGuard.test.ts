import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { runBounded } from '../../../../sidecar/verify/boundedCommand.ts';
import { probeSandbox } from '../../../../sidecar/verify/confinement/probeSandbox.ts';
import { ampleLimits } from '../../../support/machine/ampleLimits.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { bundledProgram, noSandbox } from '../../../support/verify/isolation.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const sandbox = await probeSandbox(process.platform, process.env);

/** All that it starts keeps the pipe open: a process of its group, one in its own session, and one whose parent has gone. */
const command = [
  'exec 9> alive',
  'sleep 600 &',
  'setsid sleep 600 &',
  '(setsid setsid sleep 600 &)',
  'echo started >&9',
  'wait',
].join('\n');

// The pipe ends when the last process has that had it open.
describe.runIf(process.platform === 'linux')('a command whose runner is killed outright', () => {
  test.each([
    ['without a sandbox', noSandbox],
    ['in the sandbox of this machine, where it has one', sandbox],
  ])(
    'leaves no process %s',
    async (_, chosen) => {
      await using folder = await temporaryFolder();
      await using guard = await bundledProgram('sidecar/verify/commandGuard.ts');
      await using rest = await temporaryFolder();
      await using runner = await bundledProgram('test/support/verify/commandRunner.ts');
      await promisify(execFile)('mkfifo', [path.join(folder.path, 'alive')]);
      const pipe = createReadStream(path.join(folder.path, 'alive'), 'utf8');
      const child = spawn(
        process.execPath,
        [
          runner.file,
          JSON.stringify({ command, folder: folder.path, sandbox: chosen, guardFile: guard.file }),
        ],
        // What the runner cannot remove any more goes with this folder.
        { stdio: 'inherit', env: { ...process.env, TMPDIR: rest.path } },
      );
      expect(await once(pipe, 'data')).toEqual(['started\n']);
      child.kill('SIGKILL');
      await once(pipe, 'end');
    },
    120_000,
  );
});

describe.skipIf(process.platform === 'win32')('a command without a sandbox', () => {
  const run = async (guardFile: string, text: string) => {
    await using folder = await temporaryFolder();
    const isolation = { sandbox: () => Promise.resolve(noSandbox), guardFile };
    const options = {
      folder: folder.path,
      limits: ampleLimits,
      environment: {},
      isolation,
      clock: systemClock,
    };
    return await runBounded(text, options, unhurried);
  };

  test('ends as ever with a guard beside it, which goes with it', async () => {
    await using guard = await bundledProgram('sidecar/verify/commandGuard.ts');
    expect(await run(guard.file, 'echo done')).toMatchObject({ outcome: 'passed', output: 'done' });
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args=']);
    expect(stdout).not.toContain(guard.file);
  });

  test('never starts without its guard', async () => {
    const ended = await run('/no/such/commandGuard.cjs', 'echo started');
    expect(ended.outcome).toBe('notStarted');
    expect(ended.output).toContain('/no/such/commandGuard.cjs');
    expect(ended.output).not.toContain('started');
  });
});
