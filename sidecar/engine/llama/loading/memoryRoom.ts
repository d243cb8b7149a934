import type { ModelMemory } from '../../engine.ts';
import type { LoadPlan, LoadRoom } from './loadPlan.ts';
import { countsMappedAsFree, freeMemoryBytes } from './freeMemory.ts';
import type { DeviceRoom } from '../native/deviceRoom.ts';
import type { NativeRuntime } from '../native/nativeRuntime.ts';

/** What a loaded model takes of host memory, or may yet take. */
export interface HeldMemory extends ModelMemory {
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

/** What models take already: those of this engine, and those that other processes have loaded. */
export interface TakenMemory {
  readonly loaded: readonly HeldMemory[];
  readonly elsewhere: readonly ModelMemory[];
}

/** What is free for one more model beside the others; `limitBytes` is for all of this engine, 0 for no limit. */
export function roomFor(runtime: NativeRuntime, taken: TakenMemory, limitBytes: number): LoadRoom {
  const sizes = [
    ...taken.loaded,
    ...taken.elsewhere.map(({ name, sizeBytes }) => ({ name: `${name} (another process)`, sizeBytes })),
  ];
  const { platform } = process;
  const untakenBytes = sumOf(taken.loaded, (model) => model.untakenBytes);
  const free = freeMemoryBytes(sumOf(sizes, ({ sizeBytes }) => sizeBytes) - untakenBytes);
  return {
    hostBytes: hostRoomBytes(free, taken, { limitBytes, platform }),
    device: deviceRoomBeside(runtime.deviceRoom(), taken.elsewhere, platform),
    extraBuffers: runtime.extraBuffers,
    loaded: sizes,
  };
}

/**
 * What a device has free beside the models of other processes. A driver counts them, but for Metal, which knows of this process alone
 * and shares the machine's memory with all. Pure.
 */
export function deviceRoomBeside(
  device: DeviceRoom | null,
  elsewhere: readonly ModelMemory[],
  platform: NodeJS.Platform,
): DeviceRoom | null {
  if (device === null || platform !== 'darwin') return device;
  const elsewhereBytes = sumOf(elsewhere, ({ sizeBytes }) => sizeBytes);
  return { ...device, freeBytes: Math.max(0, device.freeBytes - elsewhereBytes) };
}

/** Bytes of host memory that one more model may take. Pure. */
export function hostRoomBytes(
  freeBytes: number,
  { loaded, elsewhere }: TakenMemory,
  { limitBytes, platform }: { readonly limitBytes: number; readonly platform: NodeJS.Platform },
): number {
  const mappedBytes = countsMappedAsFree(platform)
    ? sumOf([...loaded, ...elsewhere], (model) => model.mappedBytes)
    : 0;
  const free = freeBytes - mappedBytes - sumOf(loaded, ({ untakenBytes }) => untakenBytes);
  return limitBytes > 0 ? Math.min(free, limitBytes - sumOf(loaded, ({ sizeBytes }) => sizeBytes)) : free;
}

function sumOf<T>(models: readonly T[], bytesOf: (model: T) => number): number {
  return models.reduce((total, model) => total + bytesOf(model), 0);
}
