import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { isMemoryShort, machineMemory, type MemoryState } from './memoryWatch.ts';

/** The system's own word for it: 1 is normal, 2 a warning, 4 critical. */
const levelCommand = ['/usr/sbin/sysctl', ['-n', 'kern.memorystatus_vm_pressure_level']] as const;
const levelMs = 5_000;
const warningLevel = 2;

export interface PressureSources {
  readonly platform: NodeJS.Platform;
  readonly memory: () => MemoryState;
  /** What macOS answers; rejects where it cannot be asked. */
  readonly readLevel: () => Promise<string>;
}

/**
 * Whether models should be unloaded for want of memory. macOS keeps memory in use on purpose, so its free bytes say little, and it
 * is asked for its level of pressure; elsewhere free bytes tell. Where macOS does not answer, nothing is short.
 */
export async function isMachineShort({ platform, memory, readLevel }: PressureSources): Promise<boolean> {
  if (platform !== 'darwin') return isMemoryShort(memory());
  const level = await readLevel().then(Number, () => 0);
  return level >= warningLevel;
}

/** The sources of this machine. */
export const machinePressure: PressureSources = {
  platform: process.platform,
  memory: machineMemory,
  readLevel: async () => {
    const [program, args] = levelCommand;
    return (await promisify(execFile)(program, args, { timeout: levelMs })).stdout;
  },
};
