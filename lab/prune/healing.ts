import { type FileHandle, open } from 'node:fs/promises';
import { CodedError } from '../../protocol/codedError.ts';
import { cancelled } from '../../sidecar/engine/cancelled.ts';
import type { GgufHeader, GgufTensor } from '../../sidecar/gguf/ggufHeader.ts';
import type { BlockObserver } from '../observe/blockObservation.ts';
import type { TensorCodec } from '../observe/tensorCodec.ts';
import type { CalibrationPiece, CalibrationText } from './calibrationText.ts';
import { type CalibrationTokens, encodeCalibration } from './calibrationTokens.ts';
import { foldMap } from './foldMap.ts';
import { foldedTensors } from './foldedTensors.ts';
import { healBlocks, type HealedPlace, healingPlaces } from './healBlocks.ts';
import type { HealedBlock, ModelHealing, TensorContents } from './healingRecord.ts';
import type { PrunePlan } from './prunePlan.ts';

export interface HealingDependencies {
  readonly observer: BlockObserver;
  readonly codec: TensorCodec;
  /** dist/transposedProduct.wasm. */
  readonly wasm: Uint8Array<ArrayBuffer>;
}

export interface HealingSource {
  readonly path: string;
  readonly header: GgufHeader;
  readonly plan: PrunePlan;
}

export interface HealingOptions {
  /** Without the pieces that are held out: those are for judging what came of it. */
  readonly text: Pick<CalibrationText, 'training' | 'sha256'>;
  /** Tokens to fit to; all of the text's when it has fewer. */
  readonly tokens: number;
  /** Decides where code is cut for fill-in-the-middle. 32-bit. */
  readonly seed: number;
  /** Share of the work that is done, from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** Tokens of one text at most: context matters little to a map between states. */
export const healingTextTokens = 512;

/** Q8_0, for healed weights: within half a percent of the solved ones, and encoded without measured importances. */
const healedTypeId = 8;

/**
 * Makes up for a plan's dropped blocks without training: a linear map from each run's last kept block to what the run
 * would have added, folded into that block's weights (ReplaceMe, arXiv 2505.02819). Holds the thread for seconds to
 * minutes, in pieces under a second. Deterministic on a machine. Throws as `healBlocks` does.
 */
export async function healModel(
  { observer, codec, wasm }: HealingDependencies,
  { path, header, plan }: HealingSource,
  { text, tokens, seed, onProgress }: HealingOptions,
  signal: AbortSignal,
): Promise<ModelHealing> {
  // Before minutes of fitting.
  for (const { block } of healingPlaces(plan.droppedBlocks)) foldedTensors(header, block);
  const encode = (pieces: readonly CalibrationPiece[]): Promise<readonly CalibrationTokens[]> =>
    encodeCalibration(observer.model, pieces, { seed, maxTokens: healingTextTokens }, signal);
  const pieces = splitForLambda(text.training);
  const judging = balanced(await encode(pieces.judging), Math.floor(tokens / judgingStride));
  const fitting = balanced(await encode(pieces.fitting), tokens);
  const places = await healBlocks(
    observer,
    { dropped: plan.droppedBlocks, fitting, judging, wasm, onProgress },
    signal,
  );
  const tensors = new Map<string, TensorContents>();
  const file = await open(path, 'r');
  try {
    for (const place of places) {
      if (signal.aborted) throw cancelled();
      for (const [name, contents] of await foldPlace({ codec, wasm, file, header }, place)) {
        tensors.set(name, contents);
      }
    }
  } finally {
    await file.close();
  }
  const tokenCount = countOf(fitting) + countOf(judging);
  const blocks = places.map(toRecord);
  return { record: { textSha256: text.sha256, tokens: tokenCount, seed, blocks }, tensors };
}

/** One of so many pieces of a kind chooses λ. */
const judgingStride = 4;

/**
 * Some pieces of each kind by which λ is chosen, and the others. Whole pieces: what a document says twice, as it is and
 * in its gaps, is on one side. Pure.
 */
export function splitForLambda(training: readonly CalibrationPiece[]): {
  readonly fitting: readonly CalibrationPiece[];
  readonly judging: readonly CalibrationPiece[];
} {
  const seen = new Map<CalibrationPiece['type'], number>();
  const [fitting, judging]: [CalibrationPiece[], CalibrationPiece[]] = [[], []];
  for (const piece of training) {
    const index = seen.get(piece.type) ?? 0;
    seen.set(piece.type, index + 1);
    // The second of each four: a kind with two pieces has one on each side.
    (index % judgingStride === 1 ? judging : fitting).push(piece);
  }
  return { fitting, judging };
}

function countOf(texts: readonly CalibrationTokens['tokens'][]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** About `tokens` tokens, of each kind of text alike as far as it goes, in the order they have. Pure. */
function balanced(
  texts: readonly CalibrationTokens[],
  tokens: number,
): readonly CalibrationTokens['tokens'][] {
  const chosen = new Set<CalibrationTokens>();
  const waiting = new Map<string, CalibrationTokens[]>();
  for (const text of texts) waiting.set(text.kind, [...(waiting.get(text.kind) ?? []), text]);
  const taken = new Map<string, number>();
  const takenOf = (kind: string): number => taken.get(kind) ?? 0;
  for (let total = 0; total < tokens;) {
    const [kind] = [...waiting.keys()].sort((a, b) => takenOf(a) - takenOf(b));
    if (kind === undefined) break;
    const next = waiting.get(kind)?.shift();
    if (next === undefined) {
      waiting.delete(kind);
      continue;
    }
    chosen.add(next);
    taken.set(kind, takenOf(kind) + next.tokens.length);
    total += next.tokens.length;
  }
  return texts.filter((text) => chosen.has(text)).map((text) => text.tokens);
}

interface FoldDependencies {
  readonly codec: TensorCodec;
  readonly wasm: Uint8Array<ArrayBuffer>;
  readonly file: FileHandle;
  readonly header: GgufHeader;
}

/** The tensors that a map changes: the block's `ffn_down`, and its bias where it has one. */
async function foldPlace(
  { codec, wasm, file, header }: FoldDependencies,
  { block, map }: HealedPlace,
): Promise<readonly (readonly [string, TensorContents])[]> {
  const { weight, bias } = foldedTensors(header, block);
  const rowElements = weight.shape[0] ?? 0;
  const weights = codec.decode(weight.typeId, await readTensor(file, header, weight));
  const folded = foldMap(wasm, map, weights, rowElements);
  const healedWeight: TensorContents = {
    typeId: healedTypeId,
    bytes: codec.encode(healedTypeId, folded, rowElements),
  };
  if (bias === null) return [[weight.name, healedWeight]];
  const biases = foldMap(wasm, map, codec.decode(bias.typeId, await readTensor(file, header, bias)), 1);
  const healedBias = { typeId: bias.typeId, bytes: codec.encode(bias.typeId, biases, biases.length) };
  return [
    [weight.name, healedWeight],
    [bias.name, healedBias],
  ];
}

async function readTensor(file: FileHandle, header: GgufHeader, tensor: GgufTensor): Promise<Uint8Array> {
  const bytes = new Uint8Array(tensor.sizeBytes);
  const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, header.dataOffset + tensor.offset);
  if (bytesRead === bytes.byteLength) return bytes;
  throw new CodedError(
    'model.unreadable',
    'The model file became shorter while it was read.',
    'Wait until nothing changes the file, then try again.',
  );
}

function toRecord({ block, target, map }: HealedPlace): HealedBlock {
  const { lambda, identityError, judgedError } = map;
  return { block, target, lambda, errorBefore: identityError, errorAfter: judgedError };
}
