import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultHealingTokens, healFile } from '../../sidecar/cli/prune/healFile.ts';
import type { Model } from '../../sidecar/engine/engine.ts';
import { openBlockObserver } from '../../sidecar/engine/llama/observing/llamaBlockObserver.ts';
import { checkModelFile } from '../../sidecar/gguf/checkModelFile.ts';
import { blockCountOf } from '../../sidecar/gguf/ggufHeader.ts';
import { readCalibrationText, type CalibrationText } from '../../sidecar/layerSkip/calibrationText.ts';
import { encodeCalibration } from '../../sidecar/layerSkip/calibrationTokens.ts';
import { planPruning } from '../../sidecar/layerSkip/prunePlan.ts';
import { writePrunedModel } from '../../sidecar/layerSkip/prunedModelWriter.ts';
import { spreadOver } from '../../sidecar/layerSkip/chooseBlocks.ts';
import {
  compareQuality,
  predictWhole,
  type PredictedText,
  type TextQuality,
} from '../../sidecar/layerSkip/textQuality.ts';
import { decodeOn, greedy, requireLength, withPrompt } from '../decodeRun.ts';
import type { Figure } from '../figure.ts';
import { countingText } from '../prompts.ts';
import { passRate, readInfillTasks, runInfillTasks, singleLineFile } from '../tasks/infillTask.ts';
import { measureFigure, withModel, type Suite, type SuiteContext } from './suite.ts';

const decodeTokens = 96;
/** The first so many tasks of the test set. */
const mostInfillTasks = 150;
/** Tokens of one text, and of all, that agreement is counted on. */
const textTokens = 512;
const judgedTokens = 5000;
/** Cuts other gaps than those that were healed with. */
const judgingSeed = 2;

/** Blocks that are left out, by name. Found best among single and neighbouring blocks of the 0.5B. */
const planParts: Readonly<Record<string, (blockCount: number) => readonly number[]>> = {
  one: (count) => [count - 3],
  two: (count) => rangeTo(Math.floor(count / 2), 2),
  four: (count) => rangeTo(Math.floor(count / 2), 4),
};

/** Healed copies as a lossy fast mode: how much faster they decode, and what that costs. */
export const layerSkipSuite: Suite = {
  name: 'layerSkip',
  summary:
    'Healed copies with blocks left out: decode speed, agreement with the whole model, lines filled in',
  parts: Object.keys(planParts),
  rounds: 9,
  minutesPerRound: 1,
  run: async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'entropane-layer-skip-'));
    try {
      const text = await readCalibrationText(join(dirname(context.bundleFolder), 'media', 'calibration'));
      const figures: Figure[] = [];
      const whole = await predictionsOf(context, context.modelPath, text);
      const wholeRate = await infillRate(context, context.modelPath);
      if (wholeRate !== null) figures.push(rateFigure('whole model', wholeRate));
      for (const [part, blocksOf] of Object.entries(planParts)) {
        if (!context.includes(part)) continue;
        const copies = await prunedCopies(context, { blocksOf, text, folder });
        const plain = `blocks ${copies.dropped.join(', ')} dropped`;
        const healed = `${plain} and healed`;
        figures.push(await speedFigure(context, copies.healedPath, healed));
        const judged = async (name: string, path: string): Promise<readonly Figure[]> =>
          qualityFigures(name, compareQuality(whole, await predictionsOf(context, path, text)));
        figures.push(
          ...(await judged(plain, copies.plainPath)),
          ...(await judged(healed, copies.healedPath)),
        );
        const rate = await infillRate(context, copies.healedPath);
        if (rate !== null) figures.push(rateFigure(healed, rate));
      }
      const notes =
        wholeRate === null ? [`Lines are filled in where --data names a folder with ${singleLineFile}.`] : [];
      const backend = await withModel(context, {}, (model) => Promise.resolve(model.info.backend));
      return { figures, setup: { healingTokens: defaultHealingTokens }, notes, backend };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

function rangeTo(last: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => last - count + 1 + index);
}

interface CopyWish {
  readonly blocksOf: (blockCount: number) => readonly number[];
  readonly text: CalibrationText;
  readonly folder: string;
}

interface PrunedCopies {
  readonly dropped: readonly number[];
  /** The remaining blocks as they were. Only judged: it decodes as fast as the healed one. */
  readonly plainPath: string;
  readonly healedPath: string;
}

async function prunedCopies(
  { modelPath, bundleFolder, note, signal }: SuiteContext,
  { blocksOf, text, folder }: CopyWish,
): Promise<PrunedCopies> {
  const blockCount = blockCountOf(await checkModelFile(modelPath)) ?? 0;
  const selection = { type: 'drop', blocks: blocksOf(blockCount) } as const;
  const plan = planPruning({ sha256: 'of a bench', blockCount }, selection);
  const base = join(folder, plan.droppedBlocks.join('-'));
  const [plainPath, healedPath] = [`${base}-plain.gguf`, `${base}-healed.gguf`];
  const onProgress = (): void => undefined;
  await writePrunedModel(modelPath, plainPath, plan, { onProgress }, signal);
  note(`  healing without blocks ${plan.droppedBlocks.join(', ')}`);
  const choice = { text, tokens: defaultHealingTokens, seed: 1, onProgress };
  const healing = await healFile({ path: modelPath, plan }, choice, bundleFolder, signal);
  await writePrunedModel(modelPath, healedPath, plan, { healing, onProgress }, signal);
  return { dropped: plan.droppedBlocks, plainPath, healedPath };
}

async function predictionsOf(
  { bundleFolder, signal }: SuiteContext,
  path: string,
  text: CalibrationText,
): Promise<readonly PredictedText[]> {
  const observer = await openBlockObserver(path, { bundleFolder, contextTokens: textTokens });
  try {
    const shape = { seed: judgingSeed, maxTokens: textTokens };
    const texts = await encodeCalibration(observer.model, text.heldOut, shape);
    return await predictWhole(observer, spreadOver(texts, judgedTokens), () => undefined, signal);
  } finally {
    observer.dispose();
  }
}

function speedFigure(context: SuiteContext, healedPath: string, name: string): Promise<Figure> {
  return withModel(context, { maxSequences: 1 }, (whole) =>
    withModel({ ...context, modelPath: healedPath }, { maxSequences: 1 }, async (healed) =>
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
async function infillRate(context: SuiteContext, modelPath: string): Promise<InfillRate | null> {
  const { dataFolder, note, signal } = context;
  if (dataFolder === null) return null;
  const tasks = (await readInfillTasks(join(dataFolder, singleLineFile))).slice(0, mostInfillTasks);
  return withModel({ ...context, modelPath }, { maxSequences: 4 }, async (model) => {
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
