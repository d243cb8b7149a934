import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { checkModelFile } from '../../gguf/checkModelFile.ts';
import { blockCountOf } from '../../gguf/ggufHeader.ts';
import type { Healing } from '../../layerSkip/healingRecord.ts';
import { encodePlan, parsePlan } from '../../layerSkip/planFile.ts';
import { droppedCount, planPruning, type PrunePlan } from '../../layerSkip/prunePlan.ts';
import { writePrunedModel } from '../../layerSkip/prunedModelWriter.ts';
import { profileVersion, type SkipProfile } from '../../layerSkip/skipProfile.ts';
import { SkipProfileStore } from '../../layerSkip/skipProfileStore.ts';
import { formatBytes } from '../../models/byteText.ts';
import { hashFile } from '../../models/fileHash.ts';
import { machineStorePath, openMachineStore } from '../../models/machineStore.ts';
import type { ModelFile } from '../../models/modelStore.ts';
import { systemClock } from '../../trace/clock.ts';
import { defineCommand } from '../command.ts';
import { readInputFile } from '../inputFile.ts';
import { comparePlans, measureFiles, type ComparedModel } from '../prune/comparePlans.ts';
import { healFile, healingLines, type HealingChoice } from '../prune/healFile.ts';
import { calibrationTextOf, withPlanMeter } from '../prune/measuredModel.ts';
import { pruneOptions, pruneRequestFrom, type PruneRequest } from '../prune/pruneRequest.ts';
import { planTable, profileLines, qualityLine } from '../prune/pruneText.ts';
import { WorkProgress } from '../prune/workProgress.ts';
import type { Terminal } from '../terminal.ts';

/** The model that is pruned, and who is told of it. */
interface PruneTask {
  readonly source: ModelFile & ComparedModel;
  readonly profiles: SkipProfileStore;
  readonly progress: WorkProgress;
  readonly terminal: Terminal;
  readonly isJson: boolean;
}

/**
 * `entropane prune`: writes a smaller model without some of its blocks, which are named, evenly spaced, or chosen by
 * measuring. It is faster and answers worse; how much, `--compare` measures and `--profile` tells.
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
    const blockCount = blockCountOf(await checkModelFile(file.path)) ?? 0;
    const progress = new WorkProgress(terminal, systemClock);
    try {
      const onHashed = (doneBytes: number): void => {
        progress.report('Checking', doneBytes, file.sizeBytes);
      };
      const sha256 = file.sha256 ?? (await hashFile(file.path, onHashed, signal));
      const task: PruneTask = {
        source: { ...file, sha256, blockCount },
        profiles: new SkipProfileStore(machineStorePath(location), systemClock),
        progress,
        terminal,
        isJson: values.json === true,
      };
      await perform(request, task, signal);
      return 0;
    } finally {
      progress.clear();
    }
  },
});

async function perform(request: PruneRequest, task: PruneTask, signal: AbortSignal): Promise<void> {
  const { source, profiles, progress } = task;
  const context = { choice: request.measuring, clock: systemClock, progress };
  switch (request.type) {
    case 'profile': {
      showProfile((await profiles.read(source.sha256)) ?? emptyProfile(source), task);
      return;
    }
    case 'compareFiles': {
      let profile = emptyProfile(source);
      for (const measurement of await measureFiles(source, request.files, context, signal)) {
        profile = await profiles.add(source, measurement);
      }
      showProfile(profile, task);
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

async function planAndWrite(
  request: Extract<PruneRequest, { type: 'plan' }>,
  task: PruneTask,
  signal: AbortSignal,
): Promise<void> {
  const { source, progress } = task;
  const plan = await planFor(request, task, signal);
  if (request.planPath !== null && request.blocks !== null) {
    await writeFile(request.planPath, encodePlan(plan));
  }
  const left = plan.blockCount - plan.droppedBlocks.length;
  const what = `${left} of ${plan.blockCount} blocks, without ${plan.droppedBlocks.join(', ')}`;
  const cost = plan.measured === undefined ? [] : [qualityLine(plan.measured)];
  if (request.outputPath === null) {
    show(task, { plan }, [what, ...cost]);
    return;
  }
  const path = resolve(request.outputPath);
  const onProgress = (doneBytes: number, totalBytes: number): void => {
    progress.report('Writing', doneBytes, totalBytes);
  };
  const healing = await healingFor(request, plan, task, signal);
  const options = healing === null ? { onProgress } : { onProgress, healing };
  const sizeBytes = await writePrunedModel(source.path, path, plan, options, signal);
  const size = `(${formatBytes(sizeBytes)} of ${formatBytes(source.sizeBytes)})`;
  const healed = healing === null ? [] : healingLines(healing.record);
  const result = { path, sizeBytes, plan, ...(healing === null ? {} : { healing: healing.record }) };
  show(task, result, [`${path}: ${what} ${size}`, ...healed, ...cost]);
}

/** Null where no healing was asked for. */
async function healingFor(
  { healingTokens, measuring }: Extract<PruneRequest, { type: 'plan' }>,
  plan: PrunePlan,
  { source, progress }: PruneTask,
  signal: AbortSignal,
): Promise<Healing | null> {
  if (healingTokens === null) return null;
  const choice: HealingChoice = {
    text: await calibrationTextOf(measuring),
    tokens: healingTokens,
    seed: measuring.seed,
    onProgress: (share) => {
      progress.report('Healing', share, 1);
    },
  };
  return healFile({ path: source.path, plan }, choice, __dirname, signal);
}

async function planFor(
  request: Extract<PruneRequest, { type: 'plan' }>,
  { source, progress }: PruneTask,
  signal: AbortSignal,
): Promise<PrunePlan> {
  const { blocks, by, measuring, planPath } = request;
  const given = blocks === null ? await readPlan(planPath ?? '', source) : planPruning(source, blocks);
  if (!request.isMeasured) return given;
  return withPlanMeter(source, measuring, progress, async (meter) => {
    if (by !== null) return meter.choose(given.droppedBlocks.length, by, signal);
    return { ...given, measured: await meter.measure(given.droppedBlocks, [], signal) };
  });
}

async function readPlan(path: string, { sha256 }: ComparedModel): Promise<PrunePlan> {
  const plan = parsePlan(await readInputFile(path), path);
  if (plan.sourceSha256 === sha256) return plan;
  throw new CodedError(
    'plan.invalid',
    `${path} is a plan for another model file.`,
    'Make a plan for this one with "entropane prune MODEL --measure --plan FILE".',
  );
}

function emptyProfile({ sha256, name }: PruneTask['source']): SkipProfile {
  return { version: profileVersion, sourceSha256: sha256, sourceName: name, measurements: [] };
}

function showProfile(profile: SkipProfile, task: PruneTask): void {
  show(task, { profile }, profileLines(profile));
}

function show({ terminal, isJson }: PruneTask, result: object, lines: readonly string[]): void {
  terminal.print(isJson ? JSON.stringify({ type: 'result', ...result }) : lines.join('\n'));
}
