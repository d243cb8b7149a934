import { renameSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { retryWhileOpen, retryWhileOpenBlocking } from './retryWhileOpen.ts';

/**
 * Gives a file another name in one step, in place of the file that has it. Both lie on one disk. Throws system errors; on
 * Windows `EPERM`, `EACCES` or `EBUSY` where another process kept a file open for longer than is waited.
 */
export async function moveFile(from: string, to: string): Promise<void> {
  await retryWhileOpen(() => rename(from, to));
}

/** The same on a thread that has nothing else to do meanwhile. */
export function moveFileBlocking(from: string, to: string): void {
  retryWhileOpenBlocking(() => {
    renameSync(from, to);
  });
}
