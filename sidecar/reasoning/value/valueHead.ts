import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import { needsValueHead, type SelectorId } from '../../../protocol/selectorTable.ts';
import type { StrategyId } from '../../../protocol/strategyTable.ts';
import type { ModelInfo } from '../../engine/engine.ts';
import { isAbsent } from '../../process/systemError.ts';
import { headMetadataKeys, headRefusal, openGraph } from '../difficulty/headFile.ts';
import { readOnnxMetadata } from '../difficulty/onnxMetadata.ts';
import type { AllocationRules } from './allocation.ts';
import { valueFeatureNames, type ValuePlace } from './valueFeatures.ts';

/**
 * Metadata keys of a value head's file. Its graph takes rows of `hidden` states and of `features`, and gives two `values` a
 * row: P(right) read as a line end, and read as an answer.
 */
export const valueHeadMetadataKeys = {
  ...headMetadataKeys,
  /** Decimal digits; a file without it is not a value head. */
  version: 'entropane.valueHeadVersion',
  /** `valueFeatureNames`, separated by spaces. */
  features: 'entropane.valueFeatures',
  /** JSON of `AllocationRules`, fitted with the head. */
  rules: 'entropane.valueRules',
  /** JSON: places at which it was shown to beat a constant. */
  places: 'entropane.valuePlaces',
} as const;

/** Version of value heads' files; a reader refuses a higher one. */
export const valueHeadVersion = 1;

/** A point whose value is asked for. */
export interface ValueInput {
  readonly place: ValuePlace;
  /** Last-layer state after the final norm, `stateSize` values. */
  readonly state: Float32Array;
  /** As `valueFeatures` gives them. */
  readonly features: readonly number[];
}

/** Reads from the states of one model how likely an answer is right. The owner disposes it. */
export interface ValueHead {
  readonly rules: AllocationRules;
  /** Places at which its values say more than a constant. */
  readonly places: readonly ValuePlace[];
  /** P(right) of each point, in 0…1, in one run. Off this thread; rejects where the graph fails. */
  values(inputs: readonly ValueInput[]): Promise<readonly number[]>;
  dispose(): Promise<void>;
}

/** A head, or the reason why there is none: a sentence for the health notes, or null where there is no file. */
export interface ValueHeadLoad {
  readonly head: ValueHead | null;
  readonly note: string | null;
}

/** Folder of this user's value heads in the machine's store. */
export function valueHeadFolderOf(storePath: string): string {
  return path.join(storePath, 'valueHeads');
}

/** Where a model's value head lies, if it has one. */
export function valueHeadPath(folder: string, { identity }: Pick<ModelInfo, 'identity'>): string {
  return path.join(folder, `${identity.hash}.onnx`);
}

/** Whether values are read for a request where there is a head: `auto` asks none, but for a selector that goes by one. Pure. */
export function readsValues({ strategy, choices }: ValuedRequest): boolean {
  return strategy !== 'auto' || (choices.selector !== undefined && needsValueHead(choices.selector));
}

/** Throws `valueHead.missing` where the chosen selector goes by a value head and there is none of the model. */
export function requireHead(
  { choices }: ValuedRequest,
  head: ValueHead | null,
  { identity }: ModelInfo,
): void {
  const { selector } = choices;
  if (head !== null || selector === undefined || !needsValueHead(selector)) return;
  throw new CodedError(
    'valueHead.missing',
    `The selector ${selector} goes by a value head, and there is none of ${identity.name} that serves.`,
    `Fit one with "entropane calibrate --value-head", or choose another selector.`,
  );
}

interface ValuedRequest {
  readonly strategy: StrategyId;
  readonly choices: { readonly selector?: SelectorId };
}

/** Loads the value head of a model, run by onnxruntime-node. Never rejects: what is wrong with a file is in the note. */
export async function loadValueHead(folder: string, info: ModelInfo): Promise<ValueHeadLoad> {
  const file = valueHeadPath(folder, info);
  const refused = (reason: string): ValueHeadLoad => {
    return { head: null, note: `The value head ${file} is not used: ${reason}.` };
  };
  try {
    if (info.identity.adapter !== undefined && info.identity.adapter.scale !== 0)
      return refused('an adapter changes the model whose states it was fitted to');
    const bytes = await readFile(file);
    const metadata = readOnnxMetadata(bytes);
    const refusal = valueHeadRefusal(metadata, info);
    if (refusal !== null || metadata === null) return refused(refusal ?? 'the file is damaged');
    const rules = rulesOf(metadata.get(valueHeadMetadataKeys.rules));
    const places = placesOf(metadata.get(valueHeadMetadataKeys.places));
    if (rules === null || places === null) return refused('the file is damaged');
    return {
      head: await openHead(bytes, { stateSize: info.capabilities.hiddenState ?? 0, rules, places }),
      note: null,
    };
  } catch (error) {
    if (isAbsent(error)) return { head: null, note: null };
    return refused(error instanceof Error ? error.message : String(error));
  }
}

/** Why a file does not serve a model, as a clause; null where nothing speaks against it. */
function valueHeadRefusal(metadata: ReadonlyMap<string, string> | null, info: ModelInfo): string | null {
  const given = metadata?.get(valueHeadMetadataKeys.version);
  if (metadata !== null && given === undefined) return 'it is not a value head';
  const refusal = headRefusal(metadata, info, { version: Number(given), newest: valueHeadVersion });
  if (refusal !== null) return refusal;
  const features = metadata?.get(valueHeadMetadataKeys.features);
  return features === valueFeatureNames.join(' ') ? null : 'it reads other features than this program has';
}

interface HeadFacts {
  readonly stateSize: number;
  readonly rules: AllocationRules;
  readonly places: readonly ValuePlace[];
}

async function openHead(bytes: Uint8Array, { stateSize, rules, places }: HeadFacts): Promise<ValueHead> {
  const session = await openGraph(bytes);
  const { Tensor } = await import('onnxruntime-node');
  const run = async (inputs: readonly ValueInput[]): Promise<readonly number[]> => {
    const hidden = new Float32Array(inputs.length * stateSize);
    const features = new Float32Array(inputs.length * valueFeatureNames.length);
    for (const [row, input] of inputs.entries()) {
      hidden.set(input.state, row * stateSize);
      features.set(input.features, row * valueFeatureNames.length);
    }
    const results = await session.run({
      hidden: new Tensor('float32', hidden, [inputs.length, stateSize]),
      features: new Tensor('float32', features, [inputs.length, valueFeatureNames.length]),
    });
    const data: unknown = results['values']?.data;
    if (!(data instanceof Float32Array) || data.length !== 2 * inputs.length)
      throw new Error('its graph gives no two values a row');
    return inputs.map(({ place }, row) => {
      const value = data[2 * row + (place === 'answer' ? 1 : 0)] ?? NaN;
      if (!(value >= 0 && value <= 1)) throw new Error('its graph gives no probabilities');
      return value;
    });
  };
  const running = new Set<Promise<unknown>>();
  let isDisposed = false;
  const values = async (inputs: readonly ValueInput[]): Promise<readonly number[]> => {
    if (isDisposed) throw new Error('it was closed');
    if (inputs.length === 0) return [];
    const result = run(inputs);
    running.add(result);
    try {
      return await result;
    } finally {
      running.delete(result);
    }
  };
  try {
    // One run on zeros shows a graph that does not take this input, before a request depends on it.
    const features = valueFeatureNames.map(() => 0);
    await values([{ place: 'answer', state: new Float32Array(stateSize), features }]);
  } catch (error) {
    await session.release();
    throw error;
  }
  const dispose = async (): Promise<void> => {
    isDisposed = true;
    // A session that is released while it runs takes the process with it.
    await Promise.allSettled(running);
    await session.release();
  };
  return { rules, places, values, dispose };
}

function rulesOf(json: string | undefined): AllocationRules | null {
  const value = parsed(json);
  if (!isRecord(value)) return null;
  const { kappa, settledAt, hopelessBelow } = value;
  return isCount(kappa) && isCount(settledAt) && isCount(hopelessBelow)
    ? { kappa, settledAt, hopelessBelow }
    : null;
}

function placesOf(json: string | undefined): readonly ValuePlace[] | null {
  const value = parsed(json);
  if (!Array.isArray(value)) return null;
  return (['lineEnd', 'answer'] as const).filter((place) => value.includes(place));
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? null : JSON.parse(json);
  } catch {
    return null;
  }
}
