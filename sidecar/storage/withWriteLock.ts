import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../process/clock.ts';
import { abandonedMs, withFileLock } from './fileLock.ts';

/** How long a process waits for others that write: longer than until a lock counts as abandoned, or none ever would. */
const longestWaitMs = abandonedMs + 5_000;
const pollMs = 10;

/**
 * Runs `work`, which reads a file of the store and writes it anew, while no other process does so: nothing that one of
 * them added is lost. Makes the file's folder. Throws what `work` and the file system throw, and a `TimeoutError` or
 * `AbortError` when others kept the file for `longestWaitMs`.
 */
export async function withWriteLock<T>(
  filePath: string,
  clock: Pick<Clock, 'now' | 'date'>,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(path.dirname(filePath), { recursive: true });
  const options = { clock, pollMs, onWait: () => undefined };
  return withFileLock(`${filePath}.lock`, options, work, AbortSignal.timeout(longestWaitMs));
}
