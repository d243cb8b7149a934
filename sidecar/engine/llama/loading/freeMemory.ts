import { freemem, totalmem } from 'node:os';

/** What a system says of its memory, in bytes. */
export interface SystemMemory {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What this process may still take, limits of a container included. */
  readonly availableBytes: number;
}

/** Bytes this process may still take. */
export function freeMemoryBytes(): number {
  const memory = {
    freeBytes: freemem(),
    totalBytes: totalmem(),
    availableBytes: process.availableMemory(),
  };
  return freeMemoryOf(memory, process.platform);
}

/**
 * The same from what a system says. macOS counts file caches as used, so there half of the whole memory is taken to be at
 * hand at least. Pure.
 */
export function freeMemoryOf(
  { freeBytes, totalBytes, availableBytes }: SystemMemory,
  platform: NodeJS.Platform,
): number {
  const free = Math.min(freeBytes, availableBytes);
  return platform === 'darwin' ? Math.max(free, totalBytes / 2) : free;
}

/** Whether pages of a mapped file that is in use count as free: on Linux alone. Pure. */
export function countsMappedAsFree(platform: NodeJS.Platform): boolean {
  return platform === 'linux';
}
