import path from 'node:path';
import { createLlamaEngine } from '../../engine/llama/llamaEngine.ts';
import type { BlockObserver } from '../../layerSkip/blockObservation.ts';
import { readCalibrationText, type CalibrationText } from '../../layerSkip/calibrationText.ts';
import type { CalibrationTokens, ServedKind } from '../../layerSkip/calibrationTokens.ts';
import { measureDecodeSpeed } from '../../layerSkip/decodeSpeed.ts';
import { measuredTextTokens, PlanMeter } from '../../layerSkip/planMeter.ts';
import type { MeasuredRatio } from '../../layerSkip/skipProfile.ts';
import {
  compareQuality,
  predictWhole,
  type PredictedText,
  type TextQuality,
} from '../../layerSkip/textQuality.ts';
import type { Clock } from '../../trace/clock.ts';
import type { WorkProgress } from './workProgress.ts';

/** What blocks are measured on, as the user chose. */
export interface MeasuringChoice {
  /** File or folder; null for the text that ships. */
  readonly textPath: string | null;
  readonly kinds: readonly ServedKind[];
  readonly seed: number;
  readonly tokens: number;
  /** Rounds of a speed measurement. */
  readonly rounds: number;
}

/** How something is measured, and who is told of it. */
export interface MeasuringContext {
  readonly choice: MeasuringChoice;
  readonly clock: Clock;
  readonly progress: WorkProgress;
}

/** The bundles lie in `dist`; what ships with them is one level above. */
export const bundleFolder = __dirname;
const shippedText = path.join(path.dirname(bundleFolder), 'media', 'calibration');

/** Tokens decoded in each turn of a speed measurement. */
const speedTokens = 64;
/** Tokens that are continued to measure speed. */
const speedPromptTokens = 96;

export function calibrationTextOf({ textPath }: MeasuringChoice): Promise<CalibrationText> {
  return readCalibrationText(textPath ?? shippedText);
}

/** Opens the model for looking into its blocks, for as long as `use` takes. */
export async function withPlanMeter<T>(
  source: { readonly path: string; readonly sha256: string },
  choice: MeasuringChoice,
  progress: WorkProgress,
  use: (meter: PlanMeter) => Promise<T>,
): Promise<T> {
  const text = await calibrationTextOf(choice);
  const observer = await openObserver(source.path);
  try {
    const { kinds, seed, tokens } = choice;
    const options = { sourceSha256: source.sha256, text, kinds, seed, tokens, onProgress: progress.report };
    return await use(await PlanMeter.open(observer, options));
  } finally {
    observer.dispose();
  }
}

/** A written file beside the whole model's predictions on the same texts. */
export async function measureFileQuality(
  filePath: string,
  whole: readonly PredictedText[],
  progress: WorkProgress,
  signal: AbortSignal,
): Promise<TextQuality> {
  const observer = await openObserver(filePath);
  try {
    const texts: readonly CalibrationTokens[] = whole.map(({ text }) => text);
    const total = texts.reduce((sum, { tokens }) => sum + tokens.length, 0);
    let done = 0;
    const onText = (tokenCount: number): void => {
      done += tokenCount;
      progress.report(`Measuring ${path.basename(filePath)}`, done, total);
    };
    return compareQuality(whole, await predictWhole(observer, texts, onText, signal));
  } finally {
    observer.dispose();
  }
}

/** Decode speed of each file over the whole model's, on an engine of its own. */
export async function measureFileSpeeds(
  wholePath: string,
  filePaths: readonly string[],
  context: MeasuringContext,
  signal: AbortSignal,
): Promise<readonly MeasuredRatio[]> {
  const engine = createLlamaEngine({ bundleFolder });
  const load = { contextTokens: 2048, maxSequences: 1, threads: 0, speculation: 'off' } as const;
  try {
    const { rounds } = context.choice;
    const whole = await engine.load(wholePath, load, signal);
    const [text] = (await readCalibrationText(shippedText)).training;
    const sample = text?.type === 'document' ? text.text : '';
    const tokens = await whole.tokenize(sample, { special: false });
    const ratios: MeasuredRatio[] = [];
    for (const [index, filePath] of filePaths.entries()) {
      const smaller = await engine.load(filePath, load, signal);
      let round = 0;
      const options = {
        prompt: tokens.slice(0, speedPromptTokens),
        rounds,
        tokens: speedTokens,
        now: () => context.clock.now(),
        onRound: () => {
          round += 1;
          context.progress.report('Measuring speed', index * rounds + round, filePaths.length * rounds);
        },
      };
      ratios.push(await measureDecodeSpeed(whole, smaller, options, signal));
      await smaller.dispose();
    }
    return ratios;
  } finally {
    await engine.dispose();
  }
}

/** llama.cpp's bindings are loaded with the first model: no other command of this program needs them. */
async function openObserver(modelPath: string): Promise<BlockObserver> {
  const { openBlockObserver } = await import('../../engine/llama/observing/llamaBlockObserver.ts');
  return openBlockObserver(modelPath, { bundleFolder, contextTokens: measuredTextTokens });
}
