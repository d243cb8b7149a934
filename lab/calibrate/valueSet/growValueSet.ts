import path from 'node:path';
import { shippedTable } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { probedPromptStyle } from '../../../sidecar/reasoning/difficulty/probe.ts';
import type { Model, ModelInfo } from '../../../sidecar/engine/engine.ts';
import { chatMessages } from '../../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../../sidecar/prompts/chatTokens.ts';
import { hashPromptText } from '../../../sidecar/request/promptHash.ts';
import type { CalibrationQuestion } from '../questionFile.ts';
import type { SamplingPlan } from '../sampleQuestions.ts';
import { sampleValueSet } from './sampleValueSet.ts';
import type { PackedValueSet } from './packedValueSet.ts';
import { requireSameSet, StatesFile } from './statesFile.ts';
import { valueSetHeader, type StatedQuestion, type ValuePlan } from './valueQuestion.ts';

export interface GrowthTask {
  readonly questions: readonly CalibrationQuestion[];
  readonly plan: ValuePlan;
  /** Samples decoded as one batch. */
  readonly parallel: number;
  /** What was sampled so far; made where there is none. */
  readonly statesPath: string;
  /** Questions of these are not sampled again; null for none. */
  readonly packed: PackedValueSet | null;
  readonly onProgress: (done: number, total: number) => void;
}

/** A plan whose thoughts begin as those of `auto` do for a model. Pure. */
export function valuePlanFor(plan: SamplingPlan, { hash }: Pick<ModelInfo['identity'], 'hash'>): ValuePlan {
  const skipPreamble = shippedTable.models[hash]?.profiles.normal.skipPreamble === true;
  return { ...plan, skipPreamble };
}

/** What `contextFor` and `parallelFitting` take: one of a question's samples is greedy where these are counted. Pure. */
export function roomOf(
  { samples, maxThoughtTokens }: SamplingPlan,
  parallel: number,
): { readonly samples: number; readonly maxThoughtTokens: number; readonly parallel: number } {
  return { samples: samples - 1, maxThoughtTokens, parallel };
}

/** Where the states of a model are kept in a store. */
export function statesPathIn(storePath: string, { identity }: Pick<ModelInfo, 'identity'>): string {
  const name = identity.name.replaceAll(/[^\w.-]+/g, '-');
  return path.join(storePath, 'valueSets', `${name}-${identity.hash.slice(0, 12)}.states`);
}

/**
 * Samples the questions that a states file and a packed set lack and adds them to the file. Ended by its signal within one decode step, it goes on
 * later from there. Throws `calibration.mismatch`, `model.unsupported`, `store.unwritable`, `disk.full` and `cancelled`.
 */
export async function growValueSet(
  model: Model,
  { questions, plan, parallel, statesPath: filePath, packed, onProgress }: GrowthTask,
  signal: AbortSignal,
): Promise<{ readonly questionCount: number; readonly sampledNow: number }> {
  const { identity, capabilities } = model.info;
  // A model without states is refused at its first question.
  const hiddenSize = capabilities.hiddenState ?? 0;
  const emptyPrompt = await renderChatTokens(model, chatMessages('', null, probedPromptStyle), signal);
  const header = valueSetHeader({
    modelHash: identity.hash,
    modelName: identity.name,
    hiddenSize,
    promptHash: hashPromptText(emptyPrompt.text),
    plan,
  });
  if (packed !== null) requireSameSet(packed.header, 'The packed set', header);
  const packedHashes = (await packed?.questionHashes()) ?? new Set<string>();
  const file = await StatesFile.open(filePath, header);
  try {
    const missing = questions.filter(({ hash }) => !file.done.has(hash) && !packedHashes.has(hash));
    let sampledNow = 0;
    // Time left is counted from here.
    onProgress(0, missing.length);
    const onQuestion = async (sampled: StatedQuestion): Promise<void> => {
      await file.write(sampled);
      sampledNow += 1;
      onProgress(sampledNow, missing.length);
    };
    await sampleValueSet(model, missing, { plan, parallel, onQuestion }, signal);
    return { questionCount: questions.length - missing.length + sampledNow, sampledNow };
  } finally {
    await file.dispose();
  }
}
