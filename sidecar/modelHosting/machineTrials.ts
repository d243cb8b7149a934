import { realpath } from 'node:fs/promises';
import { FileTrials } from '../engine/llama/trial/fileTrials.ts';
import { runTrialProcess } from '../engine/llama/trial/trialProcess.ts';
import { machineStorePath, openMachineStore, type MachineStoreOptions } from '../models/machineStore.ts';
import type { ModelStore } from '../models/modelStore.ts';
import { TrialRecords } from '../models/trialRecords.ts';

export interface MachineTrialsOptions extends Omit<MachineStoreOptions, 'storePath'> {
  /** Folder of the engine's bundle. */
  readonly bundleFolder: string;
  /** The `storePath` setting, or what reads it as it is now. */
  readonly storePath: string | (() => string);
  readonly log: (line: string) => void;
}

/** Trial loads whose results this machine's store keeps; catalogue models whose bytes were verified need none. */
export function machineTrials(options: MachineTrialsOptions): FileTrials {
  const { bundleFolder, storePath, log, ...others } = options;
  const location = (): MachineStoreOptions => ({
    ...others,
    storePath: typeof storePath === 'string' ? storePath : storePath(),
  });
  return new FileTrials({
    memory: () => openTrialRecords(location()),
    isPinned: (path) => isVerified(openMachineStore(location()), path),
    run: (task, signal) => runTrialProcess(bundleFolder, task, signal),
    log,
  });
}

/** The records of the store that settings and environment choose. */
export function openTrialRecords(options: MachineStoreOptions): TrialRecords {
  return new TrialRecords(machineStorePath(options), options.clock);
}

/** Whether a file, by its real path, is a catalogue model of the store with the catalogue's hash. */
async function isVerified(store: ModelStore, path: string): Promise<boolean> {
  const verified = (await store.list()).filter((model) => model.verified);
  for (const model of verified) {
    if (model.path !== null && (await realpath(model.path)) === path) return true;
  }
  return false;
}
