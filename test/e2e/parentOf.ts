import { readFile } from 'node:fs/promises';

/** The process that has started another, or the first one where that has ended. Linux only. */
export async function parentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^PPid:\t(\d+)/m.exec(status)?.[1]);
}
