import type { FileTrials } from '../../sidecar/engine/llama/trial/fileTrials.ts';
import type { TextQuality } from '../../sidecar/layerSkip/textQuality.ts';
import { measuredTextTokens, PlanMeter, type PlanMeterOptions } from './planMeter.ts';
import { compareQuality, type PredictedText, predictWhole } from './predictTexts.ts';
import { withObserver } from './withObserver.ts';

export interface FileMeterOptions extends PlanMeterOptions {
  /** Where kernels and llama.cpp are. */
  readonly bundleFolder: string;
  readonly trials: FileTrials;
}

/** Opens a model file for looking into its blocks, for as long as `use` takes. Throws as `PlanMeter.open` and loading do. */
export async function withFileMeter<T>(
  filePath: string,
  { bundleFolder, trials, ...options }: FileMeterOptions,
  use: (meter: PlanMeter) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const opened = { bundleFolder, trials, contextTokens: measuredTextTokens };
  return withObserver(
    filePath,
    opened,
    async (observer) => use(await PlanMeter.open(observer, options)),
    signal,
  );
}

export interface FileQualityOptions {
  readonly bundleFolder: string;
  readonly trials: FileTrials;
  /** Tokens read, of all. */
  readonly onProgress: (done: number, total: number) => void;
}

/** A written file beside the whole model's predictions on the same texts. */
export async function measureFileQuality(
  filePath: string,
  whole: readonly PredictedText[],
  { bundleFolder, trials, onProgress }: FileQualityOptions,
  signal: AbortSignal,
): Promise<TextQuality> {
  const texts = whole.map(({ text }) => text);
  const total = texts.reduce((sum, { tokens }) => sum + tokens.length, 0);
  let done = 0;
  const onText = (tokenCount: number): void => {
    done += tokenCount;
    onProgress(done, total);
  };
  return withObserver(
    filePath,
    { bundleFolder, trials, contextTokens: measuredTextTokens },
    async (observer) => compareQuality(whole, await predictWhole(observer, texts, onText, signal)),
    signal,
  );
}
