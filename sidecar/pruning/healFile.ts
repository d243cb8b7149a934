import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkModelFile } from '../gguf/checkModelFile.ts';
import type { CalibrationText } from '../layerSkip/calibrationText.ts';
import { healingTextTokens, healModel } from '../layerSkip/healing.ts';
import type { Healing } from '../layerSkip/healingRecord.ts';
import type { PrunePlan } from '../layerSkip/prunePlan.ts';

/** What the dropped blocks of a file are made up for with. */
export interface HealingChoice {
  readonly text: CalibrationText;
  readonly tokens: number;
  readonly seed: number;
  /** Share of the work that is done, from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** Tokens that corrections are fitted to unless others are asked for: most of the text that ships. */
export const defaultHealingTokens = 16_000;

/** Heals the plan's gaps in a model file: see `healModel`. The bundles' folder is where kernels and llama.cpp are. */
export async function healFile(
  source: { readonly path: string; readonly plan: PrunePlan },
  choice: HealingChoice,
  bundleFolder: string,
  signal: AbortSignal,
): Promise<Healing> {
  // llama.cpp's bindings are loaded with the first model: no other command of this program needs them.
  const [{ openBlockObserver }, { openTensorCodec }] = await Promise.all([
    import('../engine/llama/observing/llamaBlockObserver.ts'),
    import('../engine/llama/observing/llamaTensorCodec.ts'),
  ]);
  const header = await checkModelFile(source.path);
  const wasm = new Uint8Array(await readFile(path.join(bundleFolder, 'transposedProduct.wasm')));
  const observer = await openBlockObserver(source.path, { bundleFolder, contextTokens: healingTextTokens });
  try {
    const parts = { observer, codec: openTensorCodec(bundleFolder), wasm };
    return await healModel(parts, { ...source, header }, choice, signal);
  } finally {
    observer.dispose();
  }
}
