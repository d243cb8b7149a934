import type { ControlBlock } from '../connection/controlBlock.ts';
import type { LoopEvents } from '../decoding/workAnswers.ts';
import type { NativeRuntime } from '../native/nativeRuntime.ts';
import type { HeldMemory } from './memoryRoom.ts';

export interface HostDependencies {
  readonly runtime: NativeRuntime;
  readonly bundleFolder: string;
  readonly control: ControlBlock;
  readonly events: LoopEvents;
  readonly now: () => number;
  readonly date: () => Date;
  /** Milliseconds since typing was last served, for any model; `Infinity` before. */
  readonly sinceKeyMs: () => number;
  /** What the models take that are loaded already. */
  readonly loaded: () => readonly HeldMemory[];
}
