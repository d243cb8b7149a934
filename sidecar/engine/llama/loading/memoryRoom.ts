import type { LoadPlan, LoadRoom } from './loadPlan.ts';
import { countsMappedAsFree, freeMemoryBytes } from './freeMemory.ts';
import type { ModelSize } from './memoryFit.ts';
import type { NativeRuntime } from '../native/nativeRuntime.ts';

/** What a loaded model takes of host memory, or may yet take. */
export interface HeldMemory extends ModelSize {
  /** Part of it that stays mapped from the file, which the system counts as free as long as others do not need it. */
  readonly mappedBytes: number;
  /** Part of it that is not taken yet: of the room for prefixes without cells, what is empty. */
  readonly untakenBytes: number;
}

/**
 * What a model that was loaded as planned holds, with what was loaded beside it, when its prefixes without cells take
 * `storedBytes`.
 */
export function heldMemory(name: string, plan: LoadPlan, storedBytes: number): HeldMemory {
  const { prediction, placement, hostBesideBytes, prefixBytes } = plan;
  const sizeBytes = prediction.totalBytes - placement.deviceBytes + hostBesideBytes + prefixBytes;
  return { name, sizeBytes, mappedBytes: prediction.mappedBytes, untakenBytes: prefixBytes - storedBytes };
}

/** What is free for one more model beside those that are loaded; `limitBytes` is for all of them, 0 for no limit. */
export function roomFor(runtime: NativeRuntime, loaded: readonly HeldMemory[], limitBytes: number): LoadRoom {
  const hostBytes = hostRoomBytes(freeMemoryBytes(), loaded, { limitBytes, platform: process.platform });
  return { hostBytes, device: runtime.deviceRoom(), extraBuffers: runtime.extraBuffers, loaded };
}

/** Bytes of host memory that one more model may take. Pure. */
export function hostRoomBytes(
  freeBytes: number,
  loaded: readonly HeldMemory[],
  { limitBytes, platform }: { readonly limitBytes: number; readonly platform: NodeJS.Platform },
): number {
  const sum = (sizeOf: (held: HeldMemory) => number): number =>
    loaded.reduce((total, held) => total + sizeOf(held), 0);
  const mappedBytes = countsMappedAsFree(platform) ? sum((held) => held.mappedBytes) : 0;
  const free = freeBytes - mappedBytes - sum((held) => held.untakenBytes);
  return limitBytes > 0 ? Math.min(free, limitBytes - sum((held) => held.sizeBytes)) : free;
}
