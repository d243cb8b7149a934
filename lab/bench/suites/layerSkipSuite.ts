import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { checkModelFile } from '../../../sidecar/gguf/checkModelFile.ts';
import { blockCountOf } from '../../../sidecar/gguf/ggufHeader.ts';
import { servedKinds, type TextQuality } from '../../../sidecar/layerSkip/textQuality.ts';
import { hashFile } from '../../../sidecar/models/fileHash.ts';
import { type CalibrationText, readCalibrationText } from '../../prune/calibrationText.ts';
import { measureFileQuality, withFileMeter } from '../../prune/fileMeter.ts';
import { defaultHealingTokens, healFile } from '../../prune/healFile.ts';
import type { PlanMeter } from '../../prune/planMeter.ts';
import { planPruning, type PrunePlan } from '../../prune/prunePlan.ts';
import { writePrunedModel } from '../../prune/prunedModelWriter.ts';
import type { PredictedText } from '../../prune/predictTexts.ts';
import { decodeOn, greedy, requireLength, withPrompt } from '../decodeRun.ts';
import type { Figure } from '../figure.ts';
import { countingText } from '../prompts.ts';
import { passRate, readInfillTasks, runInfillTasks, singleLineFile } from '../tasks/infillTask.ts';
import { measureFigure, type Suite, type SuiteContext, withModel } from './suite.ts';

const decodeTokens = 96;
/** The first so many tasks of the test set. */
const mostInfillTasks = 150;
/** Tokens that each look at a choice of blocks takes: few, as there are dozens of looks. */
const choosingTokens = 1200;
/** Tokens that agreement is counted on. */
const judgedTokens = 5000;
/** Cuts other gaps than those that were healed with. */
const judgingSeed = 2;

/** How many blocks are left out, by part: chosen by loss, or evenly spaced. */
const chosenCounts: Readonly<Record<string, number>> = { one: 1, two: 2, four: 4 };
const unifiedPart = 'unified';
const unifiedCount = 2;
/** The part whose copy fills in lines: with more blocks out too few tests pass to be worth the minutes. */
const infillPart = 'one';

/** Healed copies as a lossy fast mode: how much faster they decode, and what that costs. */
export const layerSkipSuite: Suite = {
  name: 'layerSkip',
  summary:
    'Healed copies with blocks left out: decode speed, agreement with the whole model, lines filled in',
  parts: [...Object.keys(chosenCounts), unifiedPart],
  rounds: 9,
  minutesPerRound: 2.8,
  run: async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'entropane-layer-skip-'));
    try {
      const text = await readCalibrationText(join(dirname(context.bundleFolder), 'media', 'calibration'));
      const { whole, plans } = await measuredPlans(context, text);
      const figures: Figure[] = [];
      const wholeRate = context.includes(infillPart) ? await infillRate(context) : null;
      if (wholeRate !== null) figures.push(rateFigure('whole model', wholeRate));
      for (const { part, plan, quality } of plans) {
        const name = nameOf(plan);
        const healed = `${name}, healed`;
        const healedPath = await healedCopy(context, { plan, text, folder });
        // No copy goes by the whole model's name and hash.
        const copy = { ...context, modelPath: healedPath, identity: undefined };
        if (part !== unifiedPart) figures.push(await speedFigure(context, copy, healed));
        const { bundleFolder, trials } = context;
        const options = { bundleFolder, trials, onProgress: () => undefined };
        const healedQuality = await measureFileQuality(healedPath, whole, options, context.signal);
        figures.push(...qualityFigures(name, quality), ...qualityFigures(healed, healedQuality));
        const rate = part === infillPart ? await infillRate(copy) : null;
        if (rate !== null) figures.push(rateFigure(healed, rate));
      }
      const backend = await withModel(context, {}, (model) => Promise.resolve(model.info.backend));
      const setup = { healingTokens: defaultHealingTokens, choosingTokens };
      return { figures, setup, notes: notesOn(wholeRate !== null), backend };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

function notesOn(areLinesFilled: boolean): readonly string[] {
  return [
    'Blocks are chosen by loss, as `entropane prune --by loss` does, one after another: two begin with the one, four with ' +
      'the two. A copy without as many evenly spaced ones decodes as fast.',
    areLinesFilled
      ? 'Lines are filled in by the whole model and without one block.'
      : `Lines are filled in where --data names a folder with ${singleLineFile}, and --only, if given, "${infillPart}".`,
  ];
}

interface MeasuredPlan {
  readonly part: string;
  readonly plan: PrunePlan;
  /** Quality of the plan itself, not healed. */
  readonly quality: TextQuality;
}

/** The plans of the parts that were asked for, and what the whole model predicts of the text that all are judged on. */
async function measuredPlans(
  { bundleFolder, trials, modelPath, identity, includes, note, signal }: SuiteContext,
  text: CalibrationText,
): Promise<{ readonly whole: readonly PredictedText[]; readonly plans: readonly MeasuredPlan[] }> {
  const sourceSha256 = identity?.hash ?? (await hashFile(modelPath, () => undefined, signal));
  const blockCount = blockCountOf(await checkModelFile(modelPath)) ?? 0;
  const onProgress = (): void => undefined;
  const how = { text, kinds: servedKinds, seed: judgingSeed, onProgress };
  const options = { bundleFolder, trials, sourceSha256, ...how };
  const chosen = Object.entries(chosenCounts).filter(([part]) => includes(part));
  const plans: { readonly part: string; readonly plan: PrunePlan }[] = [];
  if (chosen.length > 0) {
    note('  choosing blocks by loss');
    const choose = async (meter: PlanMeter): Promise<void> => {
      // The largest first: the others begin as it does.
      for (const [part, count] of chosen.toSorted(([, a], [, b]) => b - a)) {
        plans.unshift({ part, plan: await meter.choose(count, 'loss', signal) });
      }
    };
    await withFileMeter(modelPath, { ...options, tokens: choosingTokens }, choose, signal);
  }
  if (includes(unifiedPart)) {
    const source = { sha256: sourceSha256, blockCount };
    plans.push({ part: unifiedPart, plan: planPruning(source, { type: 'count', count: unifiedCount }) });
  }
  const judge = async (meter: PlanMeter) => {
    const measured: MeasuredPlan[] = [];
    for (const { part, plan } of plans) {
      note(`  judging ${nameOf(plan)}`);
      const { quality } = await meter.measure(plan.droppedBlocks, [], signal);
      measured.push({ part, plan, quality });
    }
    return { whole: await meter.predictWhole(signal), plans: measured };
  };
  return withFileMeter(modelPath, { ...options, tokens: judgedTokens }, judge, signal);
}

function nameOf({ droppedBlocks, choice }: PrunePlan): string {
  const blocks = `block${droppedBlocks.length === 1 ? '' : 's'} ${droppedBlocks.join(', ')}`;
  return `without ${blocks} (${choice.type === 'unified' ? 'evenly spaced' : `by ${choice.type}`})`;
}

interface CopyRequest {
  readonly plan: PrunePlan;
  readonly text: CalibrationText;
  readonly folder: string;
}

/** Writes the plan's copy, healed, and returns its path. */
async function healedCopy(
  { modelPath, bundleFolder, trials, note, signal }: SuiteContext,
  { plan, text, folder }: CopyRequest,
): Promise<string> {
  note(`  healing ${nameOf(plan)}`);
  const onProgress = (): void => undefined;
  const choice = { text, tokens: defaultHealingTokens, seed: 1, onProgress };
  const healing = await healFile({ path: modelPath, plan }, choice, { bundleFolder, trials }, signal);
  const output = join(folder, `${plan.choice.type}-${plan.droppedBlocks.join('-')}.gguf`);
  await writePrunedModel(modelPath, output, plan, { healing, onProgress }, signal);
  return output;
}

function speedFigure(context: SuiteContext, copy: SuiteContext, name: string): Promise<Figure> {
  return withModel(context, { maxSequences: 1 }, (whole) =>
    withModel(copy, { maxSequences: 1 }, async (healed) =>
      measureFigure(
        context,
        {
          name: `decode ${decodeTokens} tokens`,
          unit: 'tok/s',
          subjectName: name,
          baselineName: 'whole model',
        },
        {
          subject: () => decodeSpeed(healed, context.signal),
          baseline: () => decodeSpeed(whole, context.signal),
        },
      ),
    ),
  );
}

async function decodeSpeed(model: Model, signal: AbortSignal): Promise<number> {
  const prompt = await model.tokenize(countingText, { special: false });
  const run = await withPrompt(
    model,
    prompt,
    (sequence) => {
      const options = { tokens: decodeTokens, sampler: greedy, seed: 1, alternatives: 0 };
      return decodeOn(sequence, options, signal);
    },
    signal,
  );
  requireLength(run, decodeTokens);
  return (1000 * decodeTokens) / run.durationMs;
}

interface InfillRate {
  readonly value: number;
  readonly taskCount: number;
}

/** Null where there is no test set, or the model has no tokens for gaps. */
async function infillRate(context: SuiteContext): Promise<InfillRate | null> {
  const { dataFolder, note, signal } = context;
  if (dataFolder === null) return null;
  const tasks = (await readInfillTasks(join(dataFolder, singleLineFile))).slice(0, mostInfillTasks);
  return withModel(context, { maxSequences: 4 }, async (model) => {
    if (model.info.infill === null) return null;
    note(`  filling in ${tasks.length} lines`);
    return { value: passRate(await runInfillTasks(model, tasks, signal)), taskCount: tasks.length };
  });
}

function qualityFigures(
  name: string,
  { greedyAgreement, perplexityRatio, tokenCount }: TextQuality,
): readonly Figure[] {
  const basis = `${tokenCount} tokens of the calibration text that nothing was fitted to`;
  return [
    { type: 'single', name: `greedy agreement, ${name}`, unit: 'share', value: greedyAgreement, basis },
    {
      type: 'single',
      name: `perplexity by the whole model’s, ${name}`,
      unit: 'ratio',
      value: perplexityRatio,
      basis,
    },
  ];
}

function rateFigure(name: string, { value, taskCount }: InfillRate): Figure {
  const basis = `${taskCount} single lines of HumanEval-Infilling, their tests run`;
  return { type: 'single', name: `lines filled in, ${name}`, unit: 'share', value, basis };
}
