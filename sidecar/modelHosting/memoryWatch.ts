import { totalmem } from 'node:os';
import { freeMemoryBytes } from '../engine/llama/loading/freeMemory.ts';
import type { ModelOwner, ModelOwnerDependencies } from './modelOwner.ts';

const lookEveryMs = 30_000;
/** Share of the machine's memory, and bounds on it, below which other programs are about to be slowed down. */
const shortShare = 0.05;
const leastShortBytes = 256 * 2 ** 20;
const mostShortBytes = 2 ** 30;

export interface MemoryWatchDependencies extends Pick<ModelOwnerDependencies, 'schedule'> {
  readonly owner: Pick<ModelOwner, 'relieve'>;
  /** Whether memory is short now. Never rejects. */
  readonly isShort: () => Promise<boolean>;
}

export interface MemoryState {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Has models unloaded that nobody uses, one each time, while the machine is short of memory. Looks until the returned function is called. */
export function watchMemory({ owner, isShort, schedule }: MemoryWatchDependencies): () => void {
  let callOff = (): void => undefined;
  let hasEnded = false;
  const look = async (): Promise<void> => {
    // What goes wrong while a model is freed is logged by its slot.
    if ((await isShort()) && !hasEnded) void owner.relieve();
    if (!hasEnded) lookLater();
  };
  const lookLater = (): void => {
    callOff = schedule(() => void look(), lookEveryMs);
  };
  lookLater();
  return () => {
    hasEnded = true;
    callOff();
  };
}

/** Pure. */
export function isMemoryShort({ freeBytes, totalBytes }: MemoryState): boolean {
  return freeBytes < Math.min(Math.max(shortShare * totalBytes, leastShortBytes), mostShortBytes);
}

/** As the system says it, limits of a container included. */
export function machineMemory(): MemoryState {
  const limitBytes = process.constrainedMemory();
  const totalBytes = limitBytes > 0 ? Math.min(limitBytes, totalmem()) : totalmem();
  return { freeBytes: freeMemoryBytes(), totalBytes };
}
