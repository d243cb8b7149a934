import type { Health } from '../../protocol/health.ts';
import type { DoctorReport, InstalledModel, ServingRole, SidecarSettings } from '../../protocol/messages.ts';
import { findLlamaLibraries, llamaVersion } from '../engine/llama/native/libraryLocation.ts';
import { checkRequestedGpu } from '../engine/llama/native/requestedGpu.ts';
import type { FileTrials } from '../engine/llama/trial/fileTrials.ts';
import { openMachineStore } from '../models/machineStore.ts';
import type { Clock } from '../process/clock.ts';
import { probeSandbox } from '../verify/confinement/probeSandbox.ts';
import type { AdviceFacts } from './machineFacts.ts';
import { examineMachine } from './examineMachine.ts';
import { judgeRoles } from './judgeRoles.ts';
import { localModelOf } from '../validation/localModel.ts';

export interface SidecarSurroundings {
  /** Holds the bundles; `node_modules` lies at or above it. */
  readonly bundleFolder: string;
  readonly trials: Pick<FileTrials, 'refusalOf'>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** As in `Examination`. */
  readonly advise: (models: readonly InstalledModel[]) => Promise<AdviceFacts>;
}

/**
 * The doctor for a running sidecar. Its engine thread has llama.cpp loaded already, so only the library's files are
 * looked at, and health says where the models run.
 */
export async function examineSidecar(
  { bundleFolder, trials, environment, clock, advise }: SidecarSurroundings,
  {
    settings,
    health,
    speeds,
  }: {
    readonly settings: SidecarSettings;
    readonly health: Health;
    readonly speeds: Readonly<Record<ServingRole, number | null>>;
  },
): Promise<DoctorReport> {
  const { findings } = await examineMachine({
    models: openMachineStore({ storePath: settings.storePath, environment, clock }),
    trials,
    wantedModel: localModelOf(settings),
    advise,
    inspectSandbox: () => probeSandbox(process.platform, environment),
    // Async, so that what the search throws is a rejection like any other.
    inspectLibrary: async () => {
      checkRequestedGpu(environment);
      const { flavour, packageVersion } = findLlamaLibraries(bundleFolder, process.platform, process.arch);
      const backend = health.state === 'ready' ? health.backend : null;
      return Promise.resolve({ type: 'usable', flavour, packageVersion, release: llamaVersion, backend });
    },
  });
  return { findings: [...findings, ...judgeRoles(health, speeds)] };
}
