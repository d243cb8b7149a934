import { freemem, totalmem } from 'node:os';

/**
 * Bytes this process may still take, limits of a container included. macOS counts file caches as used, so there
 * half of the whole memory is taken to be at hand at least.
 */
export function freeMemoryBytes(): number {
  const free = Math.min(freemem(), process.availableMemory());
  return process.platform === 'darwin' ? Math.max(free, totalmem() / 2) : free;
}
