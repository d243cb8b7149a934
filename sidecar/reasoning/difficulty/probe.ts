import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { difficultyClasses } from '../../../protocol/traceEvent.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import { isOnnxRuntimePublished } from '../../process/onnxRuntime.ts';
import { isAbsent } from '../../process/systemError.ts';
import type { PromptStyle } from '../../prompts/chatPrompt.ts';
import type { DifficultyEstimate, DifficultyEstimator } from '../../request/difficultyEstimator.ts';
import { headMetadataKeys, headRefusal, openGraph, noStateReason } from './headFile.ts';
import { readOnnxMetadata } from './onnxMetadata.ts';
import { beatsConstant, probeLossOf } from './probeLoss.ts';

/** Metadata keys of a probe file. Its graph takes one last hidden state and gives three probabilities. */
export const probeMetadataKeys = {
  ...headMetadataKeys,
  /** Decimal digits; the first version where it is absent. */
  version: 'entropane.probeVersion',
  /** JSON of `LabelThresholds`: what separated the classes of the training questions. */
  thresholds: 'entropane.thresholds',
} as const;

/** How the questions were put whose prompts a probe is fitted to; it knows nothing of states after any other prompt. */
export const probedPromptStyle = 'stepByStep' satisfies PromptStyle;

/** Version of probe files; a reader refuses a higher one. */
export const probeVersion = 1;

/** The beginning of a question's hash: enough to tell the questions of a set apart. */
export function questionMark(questionHash: string): string {
  return questionHash.slice(0, 12);
}

/** A probe, owned by the caller, or the reason why there is none: a sentence for the health notes, or null when nothing is amiss. */
export interface ProbeLoad {
  readonly probe: DifficultyEstimator | null;
  readonly note: string | null;
}

/** Folder of this user's probes in the machine's store. */
export function probeFolderOf(storePath: string): string {
  return path.join(storePath, 'probes');
}

/** Where a model's probe lies, if it has one. */
export function probePath(folder: string, info: ModelInfo): string {
  return path.join(folder, `${info.identity.hash}.onnx`);
}

/**
 * Loads the probe of a model: softmax(W2·ReLU(W1·h + b1) + b2) over the last hidden state of the prompt (DiffAdapt,
 * arXiv 2510.19669), run by onnxruntime-node, which is loaded only when there is a file. `fallback` judges where
 * the engine gives no hidden state. Never rejects: what is wrong with a file is in the note. A `machine` that ONNX Runtime
 * is not published for has no probes, which the doctor says.
 */
export async function loadProbe(
  folder: string,
  info: ModelInfo,
  fallback: DifficultyEstimator,
  machine: { readonly platform: string; readonly arch: string } = process,
): Promise<ProbeLoad> {
  if (!isOnnxRuntimePublished(machine)) return { probe: null, note: null };
  const file = probePath(folder, info);
  try {
    const bytes = await readFile(file);
    const stateSize = info.capabilities.hiddenState;
    const refusal = probeRefusal(bytes, info);
    if (refusal !== null || stateSize === null) {
      return { probe: null, note: noteOf(file, refusal ?? noStateReason) };
    }
    const graph = { bytes, stateSize, isSkilled: isSkilledFile(bytes) };
    return { probe: await openProbe(graph, fallback), note: null };
  } catch (error) {
    if (isAbsent(error)) return { probe: null, note: null };
    return { probe: null, note: noteOf(file, messageOf(error)) };
  }
}

/** Why a probe file does not serve a model, as a clause; null where nothing speaks against it. */
export function probeRefusal(bytes: Uint8Array, info: ModelInfo): string | null {
  const metadata = readOnnxMetadata(bytes);
  const version = Number(metadata?.get(probeMetadataKeys.version) ?? probeVersion);
  return headRefusal(metadata, info, { version, newest: probeVersion });
}

/** A probe file that serves its model. */
interface ProbeGraph {
  readonly bytes: Uint8Array;
  readonly stateSize: number;
  /** It was measured to beat a constant. */
  readonly isSkilled: boolean;
}

function isSkilledFile(bytes: Uint8Array): boolean {
  const metadata = readOnnxMetadata(bytes);
  return beatsConstant(
    probeLossOf({
      modelHash: metadata?.get(probeMetadataKeys.modelHash),
      trainingSetHash: metadata?.get(probeMetadataKeys.trainingSetHash),
      validation: metadata?.get(probeMetadataKeys.validation),
    }),
  );
}

async function openProbe(
  { bytes, stateSize, isSkilled }: ProbeGraph,
  fallback: DifficultyEstimator,
): Promise<DifficultyEstimator> {
  const session = await openGraph(bytes);
  const { Tensor } = await import('onnxruntime-node');
  const [input = ''] = session.inputNames;
  const [output = ''] = session.outputNames;
  const run = async (state: Float32Array): Promise<readonly [number, number, number]> => {
    const results = await session.run({ [input]: new Tensor('float32', state, [1, stateSize]) });
    return probabilitiesOf(results[output]?.data);
  };
  try {
    // One run on zeros shows a graph that does not take this input, before a request depends on it.
    await run(new Float32Array(stateSize));
  } catch (error) {
    await session.release();
    throw error;
  }
  return {
    readsPromptState: true,
    probePrefixTokens: (state) => (state === null ? fallback.probePrefixTokens(state) : 0),
    estimate: async (evidence) => {
      if (evidence.promptState === null) return fallback.estimate(evidence);
      try {
        return estimateFrom(await run(evidence.promptState), { stateSize, isSkilled });
      } catch (error) {
        const estimate = await fallback.estimate(evidence);
        return { ...estimate, why: `${estimate.why} The probe failed: ${messageOf(error)}.` };
      }
    },
    dispose: () => session.release(),
  };
}

function estimateFrom(
  probabilities: readonly [number, number, number],
  { stateSize, isSkilled }: Omit<ProbeGraph, 'bytes'>,
): DifficultyEstimate {
  const best = Math.max(...probabilities);
  const difficulty = difficultyClasses[probabilities.indexOf(best)] ?? 'normal';
  const why = isSkilled
    ? `The probe gives ${difficulty} a probability of ${best.toFixed(2)}.`
    : `The probe says ${difficulty}. It was not shown to beat a constant.`;
  return {
    difficulty,
    source: 'probe',
    probabilities,
    beatsConstant: isSkilled,
    meanEntropyNats: null,
    features: { stateSize },
    why,
  };
}

function probabilitiesOf(data: unknown): readonly [number, number, number] {
  if (!(data instanceof Float32Array) || data.length !== 3)
    throw new Error('its graph gives no three classes');
  const [easy = NaN, normal = NaN, hard = NaN] = data;
  if (!Number.isFinite(easy + normal + hard)) throw new Error('its graph gives no finite probabilities');
  return [easy, normal, hard];
}

function noteOf(file: string, reason: string): string {
  return `The difficulty probe ${file} is not used: ${reason}.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
