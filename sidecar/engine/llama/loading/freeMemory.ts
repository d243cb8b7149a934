import { freemem, totalmem } from 'node:os';

/** What a system says of its memory, in bytes. */
export interface SystemMemory {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What this process may still take, limits of a container included. */
  readonly availableBytes: number;
}

/** Bytes this process may still take. Models that are known to be loaded take `modelBytes`. */
export function freeMemoryBytes(modelBytes = 0): number {
  const memory = {
    freeBytes: freemem(),
    totalBytes: totalmem(),
    availableBytes: process.availableMemory(),
  };
  return freeMemoryOf(memory, { platform: process.platform, modelBytes });
}

/**
 * The same from what a system says. macOS counts file caches as used, so there half of the whole memory is taken to be at
 * hand at least, without the models that are loaded. Pure.
 */
export function freeMemoryOf(
  { freeBytes, totalBytes, availableBytes }: SystemMemory,
  { platform, modelBytes }: { readonly platform: NodeJS.Platform; readonly modelBytes: number },
): number {
  const free = Math.min(freeBytes, availableBytes);
  return platform === 'darwin' ? Math.max(free, totalBytes / 2 - modelBytes) : free;
}

/** Whether pages of a mapped file that is in use count as free: on Linux alone. Pure. */
export function countsMappedAsFree(platform: NodeJS.Platform): boolean {
  return platform === 'linux';
}
