import { fileSource } from '../../../sidecar/engine/engineSource.ts';
import path from 'node:path';
import { commandLineTrials } from '../../../sidecar/cli/commandLineTrials.ts';
import type { WorkProgress } from '../../../sidecar/cli/drawing/workProgress.ts';
import { createLlamaEngine } from '../../../sidecar/engine/llama/llamaEngine.ts';
import type { MeasuredRatio } from '../../../sidecar/layerSkip/skipProfile.ts';
import type { ServedKind, TextQuality } from '../../../sidecar/layerSkip/textQuality.ts';
import type { Clock } from '../../../sidecar/process/clock.ts';
import { type CalibrationText, readCalibrationText } from '../calibrationText.ts';
import { measureDecodeSpeed } from '../decodeSpeed.ts';
import { measureFileQuality, withFileMeter } from '../fileMeter.ts';
import type { PlanMeter } from '../planMeter.ts';
import type { PredictedText } from '../predictTexts.ts';

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

/** How something is measured, and who hears of it. */
export interface MeasuringContext {
  readonly choice: MeasuringChoice;
  readonly clock: Clock;
  readonly progress: WorkProgress;
  /** Shows the user what is known so far. */
  readonly note: (line: string) => void;
}

/** The bundles lie in `dist`; what ships with them is one level above. */
export const bundleFolder = __dirname;
export const trials = commandLineTrials(bundleFolder);
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
  { measuring: choice, progress }: { readonly measuring: MeasuringChoice; readonly progress: WorkProgress },
  use: (meter: PlanMeter) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { kinds, seed, tokens } = choice;
  const text = await calibrationTextOf(choice);
  const how = { kinds, seed, tokens, text, bundleFolder, trials, onProgress: progress.report };
  return withFileMeter(source.path, { sourceSha256: source.sha256, ...how }, use, signal);
}

/** A written file beside the whole model's predictions on the same texts. */
export function measureQuality(
  filePath: string,
  whole: readonly PredictedText[],
  progress: WorkProgress,
  signal: AbortSignal,
): Promise<TextQuality> {
  const onProgress = (done: number, total: number): void => {
    progress.report(`Measuring ${path.basename(filePath)}`, done, total);
  };
  return measureFileQuality(filePath, whole, { bundleFolder, trials, onProgress }, signal);
}

/** Decode speed of each file over the whole model's, on an engine of its own. */
export async function measureFileSpeeds(
  wholePath: string,
  filePaths: readonly string[],
  context: MeasuringContext,
  signal: AbortSignal,
): Promise<readonly MeasuredRatio[]> {
  const engine = createLlamaEngine({ bundleFolder, trials });
  const load = { contextTokens: 2048, maxSequences: 1, threads: 0, speculation: 'off' } as const;
  try {
    const { rounds } = context.choice;
    const whole = await engine.open(fileSource(wholePath), load, signal);
    const [text] = (await readCalibrationText(shippedText)).training;
    const sample = text?.type === 'document' ? text.text : '';
    const tokens = await whole.tokenize(sample, { special: false });
    const ratios: MeasuredRatio[] = [];
    for (const [index, filePath] of filePaths.entries()) {
      const smaller = await engine.open(fileSource(filePath), load, signal);
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
