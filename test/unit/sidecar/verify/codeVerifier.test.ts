import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { verifierOf, workspaceVerifier } from '../../../../sidecar/verify/codeVerifier.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { unconfined } from '../../../support/verify/isolation.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const code = { text: 'x', languageId: 'python' };

/** A folder with so many files. */
async function workspaceOf(fileCount: number): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await mkdir(path.join(folder.path, 'many'));
  const names = Array.from({ length: fileCount }, (_, index) =>
    path.join(folder.path, 'many', String(index)),
  );
  await Promise.all(names.map((name) => writeFile(name, 'x')));
  return folder;
}

describe('a verification', () => {
  test('never starts its command where copying the workspace has taken its time', async () => {
    await using folder = await workspaceOf(4000);
    const verifier = workspaceVerifier(folder.path, {
      command: 'echo started',
      timeoutMs: 20,
      isolation: unconfined,
      clock: systemClock,
    });
    const run = await verifier.verify(code, null, unhurried);
    expect(run).toMatchObject({ outcome: 'notStarted', exitCode: null });
    expect(run.output).toContain('copied');
    expect(run.durationMs).toBeGreaterThanOrEqual(20);
  });

  test('reports the time of the copy as its own', async () => {
    await using folder = await workspaceOf(500);
    const command = `"${process.execPath}" -p "performance.timeOrigin"`;
    const startedMs = performance.timeOrigin + performance.now();
    const run = await workspaceVerifier(folder.path, {
      command,
      timeoutMs: 60_000,
      isolation: unconfined,
      clock: systemClock,
    }).verify(code, null, unhurried);
    expect(run.outcome).toBe('passed');
    // The two processes measure from clocks of their own: a millisecond may lie between them.
    expect(run.durationMs).toBeGreaterThanOrEqual(Number(run.output) - startedMs - 2);
  });
});

describe('verifierOf', () => {
  test('runs nothing without a command, which is what a workspace that is not trusted has, nor without a folder', async () => {
    await using folder = await temporaryFolder();
    const settings = { verifyCommand: 'touch "$ENTROPANE_CANDIDATE.seen"', verifySeconds: 10 };
    expect(
      verifierOf(
        { ...settings, verifyCommand: '' },
        { workspacePath: folder.path, isolation: unconfined, clock: systemClock },
      ),
    ).toBeNull();
    expect(
      verifierOf(
        { ...settings, verifyCommand: '  ' },
        { workspacePath: folder.path, isolation: unconfined, clock: systemClock },
      ),
    ).toBeNull();
    expect(
      verifierOf(settings, { workspacePath: null, isolation: unconfined, clock: systemClock }),
    ).toBeNull();
    const run = await verifierOf(settings, {
      workspacePath: folder.path,
      isolation: unconfined,
      clock: systemClock,
    })?.verify(code, null, unhurried);
    expect(run?.outcome).toBe('passed');
    // In the copy, not here.
    expect(await readdir(folder.path)).toEqual([]);
  });
});
