import type { CommandLimits } from '../../../sidecar/verify/boundedCommand.ts';

/** Limits that a well-behaved test command stays far below; a test lowers the one that it is about. */
export const ampleLimits: CommandLimits = {
  timeoutMs: 20_000,
  memoryBytes: 2 ** 30,
  outputBytes: 2 ** 20,
  diskBytes: 2 ** 30,
  processCount: 64,
};
