import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { checkModelFile } from '../../../sidecar/gguf/checkModelFile.ts';
import type { SkipMeasurement } from '../../../sidecar/layerSkip/skipProfile.ts';
import type { TextQuality } from '../../../sidecar/layerSkip/textQuality.ts';
import { machineName } from '../../../sidecar/process/machineName.ts';
import type { PlanMeter } from '../planMeter.ts';
import { planPruning, type PrunePlan } from '../prunePlan.ts';
import { pruneHeader } from '../prunedHeader.ts';
import { writePrunedModel } from '../prunedModelWriter.ts';
import { prunedOrigin, type PrunedOrigin } from '../prunedOrigin.ts';
import { measureFileUses } from './measureFileUses.ts';
import {
  calibrationTextOf,
  measureFileSpeeds,
  measureQuality,
  type MeasuringContext,
  withPlanMeter,
} from './measuredModel.ts';
import { type ComparedPlan, speedLine } from './pruneText.ts';

/** The whole model that plans and files are compared with. */
export interface ComparedModel {
  readonly path: string;
  readonly sha256: string;
  readonly blockCount: number;
}

/**
 * Every way to leave out so many blocks, measured: evenly spaced ones, and those that influence and loss choose. Their
 * files are written beside each other for measuring speed, and removed.
 */
export async function comparePlans(
  model: ComparedModel,
  count: number,
  context: MeasuringContext,
  signal: AbortSignal,
): Promise<readonly ComparedPlan[]> {
  // What cannot be written is refused before minutes of measuring.
  pruneHeader(await checkModelFile(model.path), planPruning(model, { type: 'count', count }), null);
  const { choice: measuring, progress } = context;
  const plans = await withPlanMeter(
    model,
    { measuring, progress },
    (meter) => planEveryWay(model, count, meter, signal),
    signal,
  );
  const folder = await mkdtemp(path.join(tmpdir(), 'entropane-plans-'));
  try {
    const paths: string[] = [];
    for (const { plan, name } of plans) {
      const output = path.join(folder, `${name}.gguf`);
      const onProgress = (done: number, total: number): void => {
        context.progress.report(`Writing without ${plan.droppedBlocks.join(', ')}`, done, total);
      };
      await writePrunedModel(model.path, output, plan, { onProgress }, signal);
      paths.push(output);
    }
    const speeds = await measureFileSpeeds(model.path, paths, context, signal);
    return plans.map(({ name, plan, quality }, index) => {
      const decodeSpeed = measured(speeds[index]);
      return { name, droppedBlocks: plan.droppedBlocks, quality, decodeSpeed };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What each of the files, pruned from this model, is worth. Throws `plan.invalid` for one that is not. */
export async function measureFiles(
  model: ComparedModel,
  files: readonly string[],
  context: MeasuringContext,
  signal: AbortSignal,
): Promise<readonly SkipMeasurement[]> {
  const origins = await Promise.all(files.map((file) => originOf(file, model)));
  const { sha256: textSha256 } = await calibrationTextOf(context.choice);
  // Speed first: it takes a fraction of the time, and decides whether the rest can matter.
  const speeds = await measureFileSpeeds(model.path, files, context, signal);
  for (const [index, file] of files.entries()) context.note(`${file}: ${speedLine(measured(speeds[index]))}`);
  const qualities: TextQuality[] = [];
  const { choice: measuring, progress } = context;
  const whole = await withPlanMeter(
    model,
    { measuring, progress },
    (meter) => meter.predictWhole(signal),
    signal,
  );
  for (const file of files) {
    qualities.push(await measureQuality(file, whole, context.progress, signal));
  }
  const uses = await measureFileUses(model.path, files, context, signal);
  const measurements: SkipMeasurement[] = [];
  for (const [index, file] of files.entries()) {
    const { pruningSha256, droppedBlocks, isHealed } = measured(origins[index]);
    const { size: sizeBytes } = await stat(file);
    measurements.push({
      path: path.resolve(file),
      sizeBytes,
      pruningSha256,
      droppedBlocks,
      isHealed,
      measuredAt: context.clock.date().toISOString(),
      machine: machineName(),
      textSha256,
      decodeSpeed: measured(speeds[index]),
      quality: measured(qualities[index]),
      ...measured(uses[index]),
    });
  }
  return measurements;
}

/** What was found of one of the files. That something was found of each, whoever measures sees to. */
function measured<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('Every file is measured, or measuring fails.');
  return found;
}

interface NamedPlan {
  readonly name: string;
  readonly plan: PrunePlan;
  readonly quality: TextQuality;
}

async function planEveryWay(
  model: ComparedModel,
  count: number,
  meter: PlanMeter,
  signal: AbortSignal,
): Promise<readonly NamedPlan[]> {
  const unified = planPruning(model, { type: 'count', count });
  const { quality } = await meter.measure(unified.droppedBlocks, [], signal);
  const named: NamedPlan[] = [{ name: 'unified', plan: unified, quality }];
  for (const by of ['influence', 'loss'] as const) {
    const plan = await meter.choose(count, by, signal);
    named.push({ name: by, plan, quality: measured(plan.measured).quality });
  }
  return named;
}

async function originOf(file: string, model: ComparedModel): Promise<PrunedOrigin> {
  const origin = prunedOrigin(await checkModelFile(file));
  if (origin?.sourceSha256 === model.sha256) return origin;
  throw new CodedError(
    'plan.invalid',
    `${file} was not pruned from this model, so there is nothing to compare it by.`,
    'Give files that "entropane prune" wrote from this very model.',
  );
}
