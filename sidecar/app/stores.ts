import path from 'node:path';
import type { SidecarSettings } from '../../protocol/messages.ts';
import { SkipProfileStore } from '../layerSkip/skipProfileStore.ts';
import { type MachineStoreOptions, machineStorePath, openMachineStore } from '../models/machineStore.ts';
import { LoadedModels } from '../modelHosting/loadedModels.ts';
import type { ModelStore } from '../models/modelStore.ts';
import { autoTablePath } from '../reasoning/difficulty/autoTable.ts';
import { probeFolderOf } from '../reasoning/difficulty/probe.ts';
import { valueHeadFolderOf } from '../reasoning/value/valueHead.ts';
import { StrategyMemoryFile } from '../reasoning/memory/strategyMemoryFile.ts';
import { DailySpending } from '../spending/dailySpending.ts';
import { type TraceLimits, TraceStore } from '../trace/traceStore.ts';

/** What the sidecar keeps on disk, by kind; all of it below one folder. */
export interface Stores {
  readonly models: ModelStore;
  /** Which files are in memory, and whose. */
  readonly loadedModels: LoadedModels;
  readonly traces: TraceStore;
  readonly spending: DailySpending;
  /** What smaller copies of a model were measured to be worth. */
  readonly skipProfiles: SkipProfileStore;
  /** What worked on questions of each kind. */
  readonly strategyMemory: StrategyMemoryFile;
  /** Difficulty probes, one a model. */
  readonly probeFolder: string;
  readonly valueHeadFolder: string;
  /** The user's own table of what each class of difficulty leads to. */
  readonly autoTable: string;
  /** Prefixes of prompts, a folder for each workspace. */
  readonly prefixFolder: string;
}

/** The stores that settings and environment choose. Opens nothing until it is asked. */
export function openStores(
  settings: SidecarSettings,
  options: Omit<MachineStoreOptions, 'storePath'>,
  log: (line: string) => void,
): Stores {
  const { environment, clock } = options;
  const { storePath } = settings;
  const folder = machineStorePath({ storePath, environment });
  return {
    models: openMachineStore({ ...options, storePath }),
    loadedModels: new LoadedModels(folder, clock),
    skipProfiles: new SkipProfileStore(folder, clock),
    spending: new DailySpending(folder, clock, log),
    strategyMemory: new StrategyMemoryFile(folder, clock),
    probeFolder: probeFolderOf(folder),
    valueHeadFolder: valueHeadFolderOf(folder),
    autoTable: autoTablePath(folder),
    prefixFolder: path.join(folder, 'prefixes'),
    traces: new TraceStore(path.join(folder, 'traces'), traceLimitsOf(settings), clock),
  };
}

export function traceLimitsOf(settings: SidecarSettings): TraceLimits {
  const { traceFileLimit, completionTraceFileLimit, traceBytesLimit } = settings;
  return { files: traceFileLimit, completionFiles: completionTraceFileLimit, bytes: traceBytesLimit };
}
