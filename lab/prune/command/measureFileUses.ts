import { fileSource } from '../../../sidecar/engine/engineSource.ts';
import { requireLocal } from '../../../sidecar/engine/requireLocal.ts';
import path from 'node:path';
import type { Engine, Model } from '../../../sidecar/engine/engine.ts';
import { createLlamaEngine } from '../../../sidecar/engine/llama/llamaEngine.ts';
import type { SkipMeasurement } from '../../../sidecar/layerSkip/skipProfile.ts';
import type { CalibrationText } from '../calibrationText.ts';
import { encodeCalibration } from '../calibrationTokens.ts';
import { draftAcceptance } from '../draftAcceptance.ts';
import { filledShare, type LineGap, lineGaps } from '../lineGaps.ts';
import { measuredTextTokens } from '../planMeter.ts';
import { spreadOver } from '../../numeric/spreadOver.ts';
import { bundleFolder, calibrationTextOf, type MeasuringContext, trials } from './measuredModel.ts';

export type MeasuredUse = Pick<SkipMeasurement, 'draftAcceptance' | 'filledLines'>;

/** Texts that drafts are made for, and lines that are filled in, at most: a minute's work for half a billion weights. */
const mostDraftedTexts = 8;
const filledLines = 48;
/** One text is drafted for each of these tokens that are measured. */
const tokensPerDraftedText = 250;

const load = { contextTokens: 2048, maxSequences: 1, threads: 0 } as const;

/** What each file does in either use, on text that nothing was fitted to. */
export async function measureFileUses(
  wholePath: string,
  filePaths: readonly string[],
  context: MeasuringContext,
  signal: AbortSignal,
): Promise<readonly MeasuredUse[]> {
  const text = await calibrationTextOf(context.choice);
  const documents = text.heldOut.flatMap((piece) => (piece.type === 'document' ? [piece.text] : []));
  const gaps = lineGaps(documents, filledLines);
  const engine = createLlamaEngine({ bundleFolder, trials });
  try {
    const filled = (file: string): Promise<number | null> =>
      withModel(engine, file, (model) => filledByModel(model, { file, gaps }, context, signal), signal);
    const whole = await filled(wholePath);
    const uses: MeasuredUse[] = [];
    for (const file of filePaths) {
      const smaller = whole === null ? null : await filled(file);
      uses.push({
        draftAcceptance: await acceptanceOf(engine, { wholePath, file, text }, context, signal),
        filledLines: whole === null || smaller === null ? null : { smaller, whole, lines: gaps.length },
      });
    }
    return uses;
  } finally {
    await engine.dispose();
  }
}

async function withModel<T>(
  engine: Engine,
  file: string,
  use: (model: Model) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const model = await engine.open(fileSource(file), { ...load, speculation: 'off' }, signal);
  try {
    return await use(model);
  } finally {
    await model.dispose();
  }
}

function filledByModel(
  model: Model,
  { file, gaps }: { readonly file: string; readonly gaps: readonly LineGap[] },
  { progress }: MeasuringContext,
  signal: AbortSignal,
): Promise<number | null> {
  let done = 0;
  const onGap = (): void => {
    done += 1;
    progress.report(`Filling in lines, ${path.basename(file)}`, done, gaps.length);
  };
  return filledShare(model, gaps, onGap, signal);
}

/** Null where the file cannot draft for the whole model here. */
async function acceptanceOf(
  engine: Engine,
  {
    wholePath,
    file,
    text,
  }: { readonly wholePath: string; readonly file: string; readonly text: CalibrationText },
  { choice, progress }: MeasuringContext,
  signal: AbortSignal,
): Promise<number | null> {
  const drafts = [{ source: 'layerSkip', path: file }] as const;
  const model = await engine.open(fileSource(wholePath), { ...load, speculation: 'on', drafts }, signal);
  try {
    if (requireLocal(model.info).drafts.some(({ error }) => error !== null)) return null;
    const shape = { seed: choice.seed, maxTokens: measuredTextTokens };
    const texts = await encodeCalibration(model, text.heldOut, shape, signal);
    const served = texts.filter(({ kind }) => choice.kinds.includes(kind));
    const wantedTexts = Math.min(mostDraftedTexts, Math.ceil(choice.tokens / tokensPerDraftedText));
    const chosen = spreadOver(served, wantedTexts, () => 1);
    let done = 0;
    const onText = (): void => {
      done += 1;
      progress.report(`Drafting with ${path.basename(file)}`, done, chosen.length);
    };
    return await draftAcceptance(model, chosen, onText, signal);
  } finally {
    await model.dispose();
  }
}
