import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkModelFile } from '../../sidecar/gguf/checkModelFile.ts';
import type { CalibrationText } from './calibrationText.ts';
import { healingTextTokens, healModel } from './healing.ts';
import type { ModelHealing } from './healingRecord.ts';
import type { PrunePlan } from './prunePlan.ts';
import { type ObserverOptions, withObserver } from './withObserver.ts';

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

/** Heals the plan's gaps in a model file: see `healModel`. */
export async function healFile(
  source: { readonly path: string; readonly plan: PrunePlan },
  choice: HealingChoice,
  { bundleFolder, trials }: Pick<ObserverOptions, 'bundleFolder' | 'trials'>,
  signal: AbortSignal,
): Promise<ModelHealing> {
  const header = await checkModelFile(source.path);
  const wasm = new Uint8Array(await readFile(path.join(bundleFolder, 'transposedProduct.wasm')));
  return withObserver(
    source.path,
    { bundleFolder, trials, contextTokens: healingTextTokens },
    async (observer) => {
      const { openTensorCodec } = await import('../observe/llamaTensorCodec.ts');
      const parts = { observer, codec: openTensorCodec(bundleFolder), wasm };
      return healModel(parts, { ...source, header }, choice, signal);
    },
    signal,
  );
}
