import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { workspaceVerifier } from '../../../../sidecar/verify/codeVerifier.ts';
import { runUnchanged } from '../../../../sidecar/verify/unchangedRun.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { unconfined } from '../../../support/verify/isolation.ts';

async function runOf(command: string, text: string) {
  await using folder = await temporaryFolder();
  const options = { command, timeoutMs: 60_000, isolation: unconfined, clock: systemClock };
  return await runUnchanged(
    workspaceVerifier(folder.path, options),
    { text, languageId: 'shellscript' },
    unhurried,
  );
}

describe('a command on code as it was', () => {
  test.each([
    ['does not exist', 'no-such-program --all', 'no-such-program'],
    ['does not exist, after a variable', 'CI=1 no-such-program --all', 'no-such-program'],
    ['does not exist, in another folder', 'cd .. && (no-such-program)', 'no-such-program'],
    ['may not be run', '/', '/'],
  ])('was not started where its program %s, with the words of the shell', async (_what, command, program) => {
    expect(await runOf(command, 'true')).toMatchObject({
      outcome: 'notStarted',
      exitCode: null,
      output: expect.stringContaining(program) as string,
    });
  });

  test('has failed where a program is missing that the code itself starts', async () => {
    const run = await runOf('bash entropane-candidate*', 'no-such-program');
    expect(run).toMatchObject({ outcome: 'failed', exitCode: 127 });
    expect(run.output).toContain('no-such-program');
  });

  test.each([
    ['true', 'passed'],
    ['false', 'failed'],
  ])('%s has %s', async (command, outcome) => {
    expect(await runOf(command, 'true')).toMatchObject({ outcome });
  });
});
