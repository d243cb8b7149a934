import type { ControlBlock } from '../connection/controlBlock.ts';
import type { LoopEvents } from '../decoding/workAnswers.ts';
import type { MachineLoad } from '../decoding/machineLoad.ts';
import type { NativeRuntime } from '../native/nativeRuntime.ts';
import type { HeldMemory } from './memoryRoom.ts';

export interface HostDependencies {
  readonly runtime: NativeRuntime;
  readonly bundleFolder: string;
  readonly control: ControlBlock;
  readonly events: LoopEvents;
  readonly now: () => number;
  readonly date: () => Date;
  /** What other programs leave of the processors. */
  readonly load: MachineLoad;
  /** What the models take that are loaded already. */
  readonly loaded: () => readonly HeldMemory[];
}
