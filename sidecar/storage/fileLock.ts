import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { newLockOwner, ownerState, parseLockOwner } from './lockOwner.ts';
import type { Clock } from '../process/clock.ts';
import { systemErrorCode } from '../process/systemError.ts';
import { mayBeOpenElsewhere, retryWhileOpen } from './retryWhileOpen.ts';

/** The owner touches its lock this often. */
const heartbeatMs = 2_000;
/** How long a lock stays untouched before it counts as abandoned, where nothing else is known of its owner. */
export const abandonedMs = 15_000;

export interface LockOptions {
  readonly clock: Pick<Clock, 'now' | 'date'>;
  readonly pollMs: number;
  /** Called at every look while another process has the lock. */
  readonly onWait: () => void;
}

/**
 * Runs `work` while this process has a lock file, which any process on this machine, or in a container with the same
 * home, respects. Throws what `work` throws, and the abort reason. An owner that died is noticed at once in the same
 * place, and by its missing heartbeat elsewhere: a container that sleeps for 15 seconds can lose its lock unnoticed,
 * so what two processes write at once has to stay whole all the same.
 */
export async function withFileLock<T>(
  lockPath: string,
  options: LockOptions,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const text = await acquire(lockPath, options, signal);
  const heartbeat = setInterval(() => {
    if (lookAt(lockPath)?.text !== text) return;
    const now = options.clock.date();
    // A lock that cannot be touched is at worst taken over by another process; the work here still ends well.
    utimes(lockPath, now, now).catch(() => undefined);
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await removeOwn(lockPath, text);
  }
}

/** A lock that was taken over belongs to its new owner. One that cannot be removed counts as abandoned soon. */
async function removeOwn(lockPath: string, text: string): Promise<void> {
  try {
    await retryWhileOpen(() => {
      if (lookAt(lockPath)?.text === text) rmSync(lockPath, { force: true });
      return Promise.resolve();
    });
  } catch (thrown) {
    if (!mayBeOpenElsewhere(thrown, process.platform)) throw thrown;
  }
}

/** Returns the text of the lock that was made: no other lock has the same. */
async function acquire(lockPath: string, options: LockOptions, signal: AbortSignal): Promise<string> {
  const text = JSON.stringify(newLockOwner());
  let first: FoundLock | null = null;
  let sinceMs = options.clock.now();
  while (!(await retryWhileOpen(() => Promise.resolve(tryCreate(lockPath, text))))) {
    signal.throwIfAborted();
    const found = lookAt(lockPath);
    if (found === null || !isSameLock(found, first)) {
      first = found;
      sinceMs = options.clock.now();
    }
    if (found !== null && isAbandoned(found, options.clock.now() - sinceMs)) {
      await remove(lockPath, found, options, signal);
    } else {
      options.onWait();
      await delay(options.pollMs, undefined, { signal });
    }
  }
  return text;
}

/**
 * Removes an abandoned lock. Several waiters find it at once, and one that is late would remove the lock of the first:
 * so only the owner of a second lock may remove it, and looks again first. That second lock can be abandoned in its
 * turn and is then taken over by a third one, in the same way.
 */
async function remove(
  lockPath: string,
  abandoned: FoundLock,
  options: LockOptions,
  signal: AbortSignal,
): Promise<void> {
  await withFileLock(
    `${lockPath}.takeover.lock`,
    { ...options, onWait: () => undefined },
    () => {
      if (isSameLock(abandoned, lookAt(lockPath))) rmSync(lockPath, { force: true });
      return Promise.resolve();
    },
    signal,
  );
}

/** Made and written within one turn: a process killed in between leaves an empty lock, which only its age makes void. */
function tryCreate(lockPath: string, text: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(lockPath, 'wx');
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'EEXIST') return false;
    throw thrown;
  }
  try {
    writeSync(descriptor, text);
  } catch (thrown) {
    rmSync(lockPath, { force: true });
    throw thrown;
  } finally {
    closeSync(descriptor);
  }
  return true;
}

interface FoundLock {
  readonly text: string;
  /** Changes with every heartbeat. */
  readonly touchedMs: number;
}

/** Null when there is no lock. */
function lookAt(lockPath: string): FoundLock | null {
  try {
    return { text: textOf(lockPath), touchedMs: statSync(lockPath).mtimeMs };
  } catch {
    return null;
  }
}

/** Empty for a lock that this user may not read: its age alone can make it void. */
function textOf(lockPath: string): string {
  try {
    return readFileSync(lockPath, 'utf8');
  } catch {
    return '';
  }
}

function isSameLock(a: FoundLock, b: FoundLock | null): boolean {
  return b !== null && a.text === b.text && a.touchedMs === b.touchedMs;
}

function isAbandoned({ text }: FoundLock, untouchedMs: number): boolean {
  const owner = parseLockOwner(text);
  const state = owner === null ? 'unknown' : ownerState(owner);
  return state === 'gone' || (state === 'unknown' && untouchedMs > abandonedMs);
}
