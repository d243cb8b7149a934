import { lstat, readdir, statfs } from 'node:fs/promises';
import path from 'node:path';

/** What any file, folder or link is taken to hold, so that a limit on bytes is one on their number, too. */
const leastBytes = 4096;
/** In which systems tell the size of what a file holds, whatever the file system. */
const blockBytes = 512;

/**
 * Bytes that a folder and all below it hold on the disk; links are not followed. Stops counting above `limitBytes`, and
 * when aborted. What comes and goes meanwhile may be missing; never throws.
 */
export async function folderBytes(folder: string, limitBytes: number, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  const counted = new Set<string>();
  const waiting = [folder];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      if (signal.aborted || bytes > limitBytes) return bytes;
      const entryPath = path.join(next, entry.name);
      if (entry.isDirectory()) waiting.push(entryPath);
      const stats = await lstat(entryPath).catch(() => null);
      if (stats === null) continue;
      const identity = `${stats.dev}:${stats.ino}`;
      if (stats.nlink > 1 && !entry.isDirectory() && counted.has(identity)) continue;
      counted.add(identity);
      bytes += Math.max(leastBytes, stats.blocks * blockBytes);
    }
  }
  return bytes;
}

/** File systems of Linux that lie in memory, by the numbers that `statfs` gives: tmpfs and ramfs. */
const inMemory: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** Whether files in a folder take memory that belongs to no process. Only Linux says so. */
export async function liesInMemory(folder: string, platform = process.platform): Promise<boolean> {
  if (platform !== 'linux') return false;
  const stats = await statfs(folder).catch(() => null);
  return stats !== null && inMemory.has(stats.type);
}
