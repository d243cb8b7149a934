import { availableParallelism, cpus } from 'node:os';

/** The processor and threads that measure here: what was measured elsewhere says little of this machine's speed. */
export function machineName(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} threads`;
}
