import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../process/clock.ts';
import { withFileLock } from './fileLock.ts';

/** How long a process waits for others that write. */
const longestWaitMs = 5000;
const pollMs = 10;

/**
 * Runs `work`, which reads a file of the store and writes it anew, while no other process does so: nothing that one of
 * them added is lost. Makes the file's folder. Throws what `work` and the file system throw, and an `AbortError` when
 * others kept the file for five seconds.
 */
export async function asSoleWriter<T>(
  filePath: string,
  clock: Pick<Clock, 'now' | 'date'>,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(path.dirname(filePath), { recursive: true });
  const options = { clock, pollMs, onWait: () => undefined };
  return withFileLock(`${filePath}.lock`, options, work, AbortSignal.timeout(longestWaitMs));
}
