import { spawnSync } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { withFileLock } from '../../../../sidecar/storage/fileLock.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;
const options = { clock: systemClock, pollMs: 1, onWait: () => undefined };

test('one at a time, and the lock is gone afterwards', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  const log: string[] = [];
  let waits = 0;
  const work = (name: string) => async () => {
    log.push(`${name} starts`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
  };
  const counting = { ...options, onWait: () => (waits += 1) };
  await Promise.all([
    withFileLock(lockPath, counting, work('a'), never),
    withFileLock(lockPath, counting, work('b'), never),
  ]);
  expect(log[1]?.split(' ')[0]).toBe(log[0]?.split(' ')[0]);
  expect(log[3]?.split(' ')[0]).toBe(log[2]?.split(' ')[0]);
  expect(waits).toBeGreaterThan(0);
  expect(await readdir(folder.path)).toEqual([]);
});

test('is released when the work fails', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  const failing = withFileLock(lockPath, options, () => Promise.reject(new Error('no')), never);
  await expect(failing).rejects.toThrow('no');
  expect(await readdir(folder.path)).toEqual([]);
});

test('the lock of a process that is gone is taken over at once', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(lockPath, `${pid} ${hostname()}`);
  expect(await withFileLock(lockPath, options, () => Promise.resolve('done'), never)).toBe('done');
});

test('the lock of another host is taken over once its heartbeat stops', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  await writeFile(lockPath, '1 another-host');
  let nowMs = 0;
  // Each look happens five seconds after the one before.
  const clock = { now: () => (nowMs += 5_000), date: () => new Date(0) };
  let waits = 0;
  const looking = { clock, pollMs: 1, onWait: () => (waits += 1) };
  expect(await withFileLock(lockPath, looking, () => Promise.resolve('done'), never)).toBe('done');
  expect(waits).toBeGreaterThan(0);
});

test('waiting ends when aborted', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  await writeFile(lockPath, `${process.pid} ${hostname()}`);
  const controller = new AbortController();
  const waiting = withFileLock(
    lockPath,
    {
      ...options,
      onWait: () => {
        controller.abort();
      },
    },
    () => Promise.resolve(),
    controller.signal,
  );
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});
