import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** What a reader must know to compare a figure with another machine's. */
export interface MachineDescription {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly nodeVersion: string;
  readonly llamaVersion: string;
  /** Where the layers ran, such as `CPU (zen4)`. */
  readonly backend: string;
}

export function describeMachine(engine: {
  readonly llamaVersion: string;
  readonly backend: string;
}): MachineDescription {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('-')[0] ?? ''}`,
    nodeVersion: process.versions.node,
    ...engine,
  };
}
