import { homedir } from 'node:os';
import type { Clock } from '../process/clock.ts';
import type { CatalogueModel } from './catalogueModel.ts';
import { defaultHubEndpoint, ModelStore } from './modelStore.ts';
import { findStorePath } from './storePath.ts';

export interface MachineStoreOptions {
  /** The `storePath` setting; empty for this machine's own store. */
  readonly storePath: string;
  /** Environment of this process. `HF_ENDPOINT` names another hub, as in the hub's own tools. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Models that can be fetched by name. Default: those of the product. */
  readonly catalogue?: readonly CatalogueModel[];
}

/** Folder of the store that settings and environment choose on this machine. */
export function machineStorePath(options: Pick<MachineStoreOptions, 'storePath' | 'environment'>): string {
  if (options.storePath !== '') return options.storePath;
  return findStorePath({
    platform: process.platform,
    homeFolder: homedir(),
    variables: options.environment,
  });
}

/** The models of the store that settings and environment choose. Opens nothing until it is asked. */
export function openMachineStore(options: MachineStoreOptions): ModelStore {
  return new ModelStore({
    storePath: machineStorePath(options),
    hubEndpoint: options.environment.HF_ENDPOINT?.replace(/\/+$/, '') || defaultHubEndpoint,
    clock: options.clock,
    catalogue: options.catalogue,
  });
}
