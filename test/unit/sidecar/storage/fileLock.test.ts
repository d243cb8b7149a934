import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type LockOwner, newLockOwner } from '../../../../sidecar/storage/lockOwner.ts';
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

/** A lock as another taking of it would have written it. */
const lockOf = (owner: Partial<LockOwner>): string => JSON.stringify({ ...newLockOwner(), ...owner });

test('the lock of a process that is gone is taken over at once', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(lockPath, lockOf({ processId: pid }));
  expect(await withFileLock(lockPath, options, () => Promise.resolve('done'), never)).toBe('done');
  expect(await readdir(folder.path)).toEqual([]);
});

test('so is the lock of an earlier process of the same id (platform: /proc)', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  await writeFile(lockPath, lockOf({ startedAt: '1' }));
  expect(await withFileLock(lockPath, options, () => Promise.resolve('done'), never)).toBe('done');
});

test('so is the lock of a process that has ended and that its parent forgot (platform: /proc)', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  // The shell is another program by the time its child ends, one that does not know of a child.
  const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const processId = Number(line.toString());
  const state = await vi.waitFor(async () => {
    const fields = (await readFile(`/proc/${processId}/stat`, 'utf8')).split(' ');
    expect(fields[2]).toBe('Z');
    return fields;
  }, 30_000);
  await writeFile(lockPath, lockOf({ processId, startedAt: state[21] ?? null }));
  expect(await withFileLock(lockPath, options, () => Promise.resolve('done'), never)).toBe('done');
});

test('a process that runs keeps its lock, however long it does not touch it (platform: /proc)', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  const held = lockOf({});
  await writeFile(lockPath, held);
  const controller = new AbortController();
  let nowMs = 0;
  const looking = {
    clock: { now: () => (nowMs += 5_000), date: () => new Date(0) },
    pollMs: 1,
    onWait: () => {
      if (nowMs > 100_000) controller.abort();
    },
  };
  const waiting = withFileLock(lockPath, looking, () => Promise.resolve(), controller.signal);
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  expect(await readFile(lockPath, 'utf8')).toBe(held);
});

test('a lock that was taken over meanwhile is left to its new owner', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  const successor = lockOf({});
  await withFileLock(lockPath, options, () => writeFile(lockPath, successor), never);
  expect(await readFile(lockPath, 'utf8')).toBe(successor);
});

test('a takeover whose process died halfway is taken over in its turn', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(lockPath, lockOf({ processId: pid }));
  await writeFile(`${lockPath}.takeover.lock`, lockOf({ processId: pid }));
  expect(await withFileLock(lockPath, options, () => Promise.resolve('done'), never)).toBe('done');
  expect(await readdir(folder.path)).toEqual([]);
});

test('the lock of another host is taken over once its heartbeat stops', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  await writeFile(lockPath, lockOf({ place: 'another host' }));
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
  await writeFile(lockPath, lockOf({}));
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

test('a lock that was never written out is taken over by its age', async () => {
  await using folder = await temporaryFolder();
  const lockPath = path.join(folder.path, 'model.lock');
  await writeFile(lockPath, '');
  let nowMs = 0;
  const looking = { ...options, clock: { now: () => (nowMs += 5_000), date: () => new Date(0) } };
  expect(await withFileLock(lockPath, looking, () => Promise.resolve('done'), never)).toBe('done');
});
