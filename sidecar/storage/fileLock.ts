import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../process/clock.ts';
import { systemErrorCode } from '../process/systemError.ts';

/** The holder touches its lock this often. */
const heartbeatMs = 2_000;
/** A lock untouched for this long belongs to a process that is gone, or on a machine that sleeps. */
const abandonedMs = 15_000;

export interface LockOptions {
  readonly clock: Pick<Clock, 'now' | 'date'>;
  readonly pollMs: number;
  /** Called at every look while another process holds the lock. */
  readonly onWait: () => void;
}

/**
 * Runs `work` while holding a lock file that any process on this machine, or in a container with the same home,
 * respects. A holder that died is noticed at once on the same host, and by its missing heartbeat elsewhere. Should
 * two processes ever believe they hold it, what they write has to stay whole all the same.
 */
export async function withFileLock<T>(
  lockPath: string,
  options: LockOptions,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await acquire(lockPath, options, signal);
  const heartbeat = setInterval(() => {
    const now = options.clock.date();
    // A lock that cannot be touched is at worst taken over by another process; the work here still ends well.
    utimes(lockPath, now, now).catch(() => undefined);
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(lockPath, { force: true });
  }
}

async function acquire(lockPath: string, options: LockOptions, signal: AbortSignal): Promise<void> {
  let seen = { stamp: '', sinceMs: options.clock.now() };
  while (!(await tryCreate(lockPath))) {
    signal.throwIfAborted();
    const stamp = await lockStamp(lockPath);
    if (stamp !== seen.stamp) seen = { stamp, sinceMs: options.clock.now() };
    const isAbandoned = options.clock.now() - seen.sinceMs > abandonedMs;
    if (isAbandoned || (await holderIsGone(lockPath))) {
      await rm(lockPath, { force: true });
      continue;
    }
    options.onWait();
    await delay(options.pollMs, undefined, { signal });
  }
}

async function tryCreate(lockPath: string): Promise<boolean> {
  try {
    await writeFile(lockPath, `${process.pid} ${hostname()}`, { flag: 'wx' });
    return true;
  } catch (thrown) {
    if (systemErrorCode(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

/** Changes with every heartbeat and every new holder. */
async function lockStamp(lockPath: string): Promise<string> {
  try {
    const { mtimeMs, ino } = await stat(lockPath);
    return `${ino} ${mtimeMs}`;
  } catch {
    // Released between two looks.
    return '';
  }
}

async function holderIsGone(lockPath: string): Promise<boolean> {
  try {
    const [pid = '', host] = (await readFile(lockPath, 'utf8')).split(' ');
    if (host !== hostname() || !/^\d+$/.test(pid)) return false;
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    return systemErrorCode(thrown) === 'ESRCH';
  }
}
