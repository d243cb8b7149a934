import { machineTrials } from '../modelHosting/machineTrials.ts';
import type { FileTrials } from '../engine/llama/trial/fileTrials.ts';
import { systemClock } from '../process/clock.ts';

/** Trial loads for commands that load models in their own process, with the store that the environment chooses. */
export function commandLineTrials(bundleFolder: string): FileTrials {
  return machineTrials({
    bundleFolder,
    storePath: '',
    environment: process.env,
    clock: systemClock,
    log: (line) => {
      process.stderr.write(`[entropane] ${line}\n`);
    },
  });
}
