import { defineCommand } from '../../../sidecar/cli/command.ts';
import { WorkProgress } from '../../../sidecar/cli/drawing/workProgress.ts';
import { checkModelFile } from '../../../sidecar/gguf/checkModelFile.ts';
import { blockCountOf } from '../../../sidecar/gguf/ggufHeader.ts';
import { profileVersion, type SkipProfile } from '../../../sidecar/layerSkip/skipProfile.ts';
import { SkipProfileStore } from '../../../sidecar/layerSkip/skipProfileStore.ts';
import { hashFile } from '../../../sidecar/models/fileHash.ts';
import { machineStorePath, openMachineStore } from '../../../sidecar/models/machineStore.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { droppedCount } from '../prunePlan.ts';
import { comparePlans, measureFiles } from './comparePlans.ts';
import { planAndWrite } from './planAndWrite.ts';
import { pruneOptions, type PruneRequest, pruneRequestFrom } from './pruneRequest.ts';
import { type PruneTask, show } from './pruneTask.ts';
import { planTable, profileLines } from './pruneText.ts';

/**
 * `entropane prune`: writes a smaller model without some of its blocks, which are named, evenly spaced, or chosen by
 * measuring. It is faster and answers worse; `--compare` measures how much, and `--profile` shows it.
 */
export const pruneCommand = defineCommand({
  name: 'prune',
  summary: 'Write a smaller, faster and less able model, without some of its blocks',
  usage:
    'prune MODEL [--drop N,N | --count N | --keep-ratio R | --speedup S] [--measure] [--heal] [--output FILE]',
  options: pruneOptions,
  run: async ({ values, positionals, terminal }, signal) => {
    const request = pruneRequestFrom(values, positionals);
    const location = { storePath: '', environment: process.env, clock: systemClock };
    const file = await openMachineStore(location).resolve(request.model);
    const header = await checkModelFile(file.path);
    const isJson = values.json === true;
    const progress = new WorkProgress({ terminal, isJson }, systemClock);
    try {
      const onHashed = (doneBytes: number): void => {
        progress.report('Checking', doneBytes, file.sizeBytes);
      };
      const sha256 = file.sha256 ?? (await hashFile(file.path, onHashed, signal));
      const task: PruneTask = {
        source: { ...file, sha256, header, blockCount: blockCountOf(header) ?? 0 },
        profiles: new SkipProfileStore(machineStorePath(location), systemClock),
        progress,
        terminal,
        isJson,
      };
      await perform(request, task, signal);
      return 0;
    } finally {
      progress.clear();
    }
  },
});

async function perform(request: PruneRequest, task: PruneTask, signal: AbortSignal): Promise<void> {
  const { source, profiles, progress, terminal } = task;
  const context = { choice: request.measuring, clock: systemClock, progress, note: terminal.note };
  switch (request.type) {
    case 'profile': {
      const profile = (await profiles.read(source.sha256)) ?? emptyProfile(source);
      show(task, { profile }, profileLines(profile, request.model));
      return;
    }
    case 'compareFiles': {
      let profile = emptyProfile(source);
      for (const measurement of await measureFiles(source, request.files, context, signal)) {
        profile = await profiles.add(source, measurement);
      }
      show(task, { profile }, profileLines(profile, request.model));
      return;
    }
    case 'compareWays': {
      const count = droppedCount(request.selection, source.blockCount);
      const plans = await comparePlans(source, count, context, signal);
      show(task, { plans }, planTable(plans));
      return;
    }
    case 'plan':
      await planAndWrite(request, task, signal);
      return;
  }
}

function emptyProfile({ sha256, name }: PruneTask['source']): SkipProfile {
  return { version: profileVersion, sourceSha256: sha256, sourceName: name, measurements: [] };
}
