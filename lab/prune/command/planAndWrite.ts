import { resolve } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { readInputFile } from '../../../sidecar/cli/inputFile.ts';
import { formatBytes } from '../../../sidecar/models/byteText.ts';
import { foldedTensors } from '../foldedTensors.ts';
import { healingPlaces } from '../healBlocks.ts';
import { healFile, type HealingChoice } from '../healFile.ts';
import type { ModelHealing } from '../healingRecord.ts';
import { parsePlan } from '../planFile.ts';
import type { PlanMeter } from '../planMeter.ts';
import { planPruning, type PrunePlan } from '../prunePlan.ts';
import { pruneHeader } from '../prunedHeader.ts';
import { requireFreeOutput, writePrunedModel } from '../prunedModelWriter.ts';
import type { PredictedText } from '../predictTexts.ts';
import type { ComparedModel } from './comparePlans.ts';
import { bundleFolder, calibrationTextOf, measureQuality, trials, withPlanMeter } from './measuredModel.ts';
import { holdsEarlierPlan, keepPlan } from './planPlace.ts';
import type { PruneRequest } from './pruneRequest.ts';
import { type PruneTask, show } from './pruneTask.ts';
import { healingLines, qualityLine } from './pruneText.ts';

type PlanRequest = Extract<PruneRequest, { type: 'plan' }>;

/** A plan, and what the whole model predicts of the texts by which it was measured; null where it was not. */
interface MeasuredPlan {
  readonly plan: PrunePlan;
  readonly whole: readonly PredictedText[] | null;
}

/**
 * Makes or reads the plan, keeps it, heals, and writes the model, as far as each is asked for. What can be refused without
 * computing is refused first.
 */
export async function planAndWrite(
  request: PlanRequest,
  task: PruneTask,
  signal: AbortSignal,
): Promise<void> {
  const { source, progress } = task;
  const { planPath, blocks } = request;
  const given = blocks === null ? await readPlan(planPath ?? '', source) : planPruning(source, blocks);
  await requirePossible(request, given, task);
  const keptPath = blocks === null ? null : planPath;
  const replacesPlan = keptPath !== null && (await holdsEarlierPlan(keptPath));

  const { plan, whole } = await measuredPlan(request, given, task, signal);
  if (keptPath !== null) await keepPlan(keptPath, plan);
  const left = plan.blockCount - plan.droppedBlocks.length;
  const what = `${left} of ${plan.blockCount} blocks, without ${plan.droppedBlocks.join(', ')}`;
  const cost = plan.measured === undefined ? null : qualityLine(plan.measured);
  const kept =
    keptPath === null
      ? []
      : [`plan kept in ${keptPath}${replacesPlan ? ', in the place of an earlier one' : ''}`];
  if (request.outputPath === null) {
    show(task, { plan }, [what, ...(cost === null ? [] : [cost]), ...kept]);
    return;
  }

  const path = resolve(request.outputPath);
  const onProgress = (doneBytes: number, totalBytes: number): void => {
    progress.report('Writing', doneBytes, totalBytes);
  };
  const healing = await healingFor(request, plan, task, signal);
  const options = healing === null ? { onProgress } : { onProgress, healing };
  const sizeBytes = await writePrunedModel(source.path, path, plan, options, signal);
  const written = `${path}: ${what} (${formatBytes(sizeBytes)} of ${formatBytes(source.sizeBytes)})`;
  if (healing === null) {
    // The plan was measured as the file computes.
    show(task, { path, sizeBytes, plan }, [written, ...(cost === null ? [] : [cost]), ...kept]);
    return;
  }
  const quality = whole === null ? null : await measureQuality(path, whole, progress, signal);
  const result = { path, sizeBytes, plan, healing: healing.record, ...(quality === null ? {} : { quality }) };
  show(task, result, [
    written,
    ...healingLines(healing.record),
    ...(quality === null ? [] : [`healed: ${qualityLine({ quality })}`]),
    ...(cost === null ? [] : [`not healed: ${cost}`]),
    ...kept,
  ]);
}

/** Throws what writing and healing would refuse after minutes of choosing and fitting. */
async function requirePossible(
  { outputPath, healingTokens, by }: PlanRequest,
  given: PrunePlan,
  { source }: PruneTask,
): Promise<void> {
  if (outputPath === null) return;
  await requireFreeOutput(resolve(outputPath));
  pruneHeader(source.header, given, null);
  if (healingTokens === null) return;
  // Which blocks will be chosen is not known yet: any but the last may have to make up for those after it.
  const healed =
    by === null
      ? healingPlaces(given.droppedBlocks).map(({ block }) => block)
      : Array.from({ length: source.blockCount - 1 }, (_, block) => block);
  for (const block of healed) foldedTensors(source.header, block);
}

async function measuredPlan(
  { by, isMeasured, measuring }: PlanRequest,
  given: PrunePlan,
  { source, progress }: PruneTask,
  signal: AbortSignal,
): Promise<MeasuredPlan> {
  if (!isMeasured) return { plan: given, whole: null };
  const measure = async (meter: PlanMeter): Promise<MeasuredPlan> => {
    const plan =
      by === null
        ? { ...given, measured: await meter.measure(given.droppedBlocks, [], signal) }
        : await meter.choose(given.droppedBlocks.length, by, signal);
    return { plan, whole: await meter.predictWhole(signal) };
  };
  return withPlanMeter(source, { measuring, progress }, measure, signal);
}

/** Null where no healing was asked for. */
async function healingFor(
  { healingTokens, measuring }: PlanRequest,
  plan: PrunePlan,
  { source, progress }: PruneTask,
  signal: AbortSignal,
): Promise<ModelHealing | null> {
  if (healingTokens === null) return null;
  const choice: HealingChoice = {
    text: await calibrationTextOf(measuring),
    tokens: healingTokens,
    seed: measuring.seed,
    onProgress: (share) => {
      progress.report('Healing', share, 1);
    },
  };
  return healFile({ path: source.path, plan }, choice, { bundleFolder, trials }, signal);
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
