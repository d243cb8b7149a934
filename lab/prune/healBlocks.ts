import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { TokenId } from '../../sidecar/engine/engine.ts';
import {
  type BlockChanges,
  type BlockObserver,
  type BlockRows,
  noChanges,
} from '../observe/blockObservation.ts';
import { HealingFit, mapRows } from './healingFit.ts';
import { fitLinearMap, type LinearMap } from './linearMap.ts';

/** A kept block, and the block whose output its own is to come near to. */
export interface HealingPlace {
  readonly block: number;
  readonly target: number;
}

export interface HealingTask {
  /** Blocks that are left out, ascending. */
  readonly dropped: readonly number[];
  /** Texts to fit to, each of at most the observer's context. */
  readonly fitting: readonly (readonly TokenId[])[];
  /** Others, by which λ is chosen; with that, the maps are fitted to these too. */
  readonly judging: readonly (readonly TokenId[])[];
  /** dist/transposedProduct.wasm. */
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Share of the work that is done, from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

export interface HealedPlace extends HealingPlace {
  readonly map: LinearMap;
}

/** Largest relative gap between a block's output and the sum of which it must consist. */
const sumTolerance = 1e-3;

/**
 * Where dropped blocks are made up for: the kept block before each run of them. A run at the very beginning has none.
 */
export function healingPlaces(dropped: readonly number[]): readonly HealingPlace[] {
  return dropped.flatMap((block, index) => {
    const isEndOfRun = dropped[index + 1] !== block + 1;
    if (!isEndOfRun) return [];
    let first = block;
    while (dropped.includes(first - 1)) first--;
    return first === 0 ? [] : [{ block: first - 1, target: block }];
  });
}

/**
 * Fits a map for each place (ReplaceMe, arXiv 2505.02819), from the first to the last: the block's states are those of
 * the model without all blocks dropped before it and with the maps found so far, and the target is what the whole model
 * has there, so that a later map also makes up for what an earlier one missed. Each text is read twice per place, as
 * far as its target. Throws `model.unsupported` as the observer does and where the feed-forward output is not
 * simply added to the stream, `parameter.invalid` as `fitLinearMap` does, and `cancelled`.
 */
export async function healBlocks(
  observer: BlockObserver,
  task: HealingTask,
  signal: AbortSignal,
): Promise<readonly HealedPlace[]> {
  const places = healingPlaces(task.dropped);
  const size = requireLocal(observer.model.info).hiddenSize;
  const work = places.reduce((sum, { target }) => sum + target + 1, 0);
  const tokenCount = [...task.fitting, ...task.judging].reduce((sum, text) => sum + text.length, 0);
  const healed: HealedPlace[] = [];
  const rewrites = new Map<number, (rows: BlockRows) => void>();
  let workDone = 0;
  for (const place of places) {
    const changes: BlockChanges = {
      dropped: task.dropped.filter((block) => block < place.block),
      rewrites: new Map(rewrites),
    };
    let tokensDone = 0;
    const sumsOf = async (texts: HealingTask['fitting']): Promise<HealingFit> => {
      const fit = new HealingFit(task.wasm, size);
      for (const text of texts) {
        await addText(observer, { text, place, changes, fit }, signal);
        tokensDone += text.length;
        task.onProgress((workDone + ((place.target + 1) * tokensDone) / tokenCount) / work);
      }
      return fit;
    };
    const fitting = (await sumsOf(task.fitting)).sums();
    const judging = (await sumsOf(task.judging)).sums();
    const map = fitLinearMap(fitting, judging);
    healed.push({ ...place, map });
    rewrites.set(place.block, mapRows(task.wasm, size, map.values));
    workDone += place.target + 1;
  }
  return healed;
}

interface TextTask {
  readonly text: readonly TokenId[];
  readonly place: HealingPlace;
  readonly changes: BlockChanges;
  readonly fit: HealingFit;
}

async function addText(
  observer: BlockObserver,
  { text, place, changes, fit }: TextTask,
  signal: AbortSignal,
): Promise<void> {
  const { block, target } = place;
  const size = requireLocal(observer.model.info).hiddenSize;
  const targets = new Float32Array(text.length * size);
  await observer.observe(
    text,
    {
      changes: noChanges,
      parts: [{ block: target, part: 'output' }],
      visit: ({ firstToken, values }) => {
        targets.set(values, firstToken * size);
      },
    },
    signal,
  );
  let feedForwardInput = new Float32Array();
  let feedForwardOutput = new Float32Array();
  await observer.observe(
    text,
    {
      changes,
      parts: [
        { block, part: 'feedForwardInput' },
        { block, part: 'feedForwardOutput' },
        { block, part: 'output' },
      ],
      visit: ({ part, values, firstToken, tokenCount }) => {
        if (part === 'feedForwardInput') feedForwardInput = values.slice();
        else if (part === 'feedForwardOutput') feedForwardOutput = values.slice();
        else {
          if (!isSum(values, feedForwardInput, feedForwardOutput)) throw notAdded(block);
          const target = targets.subarray(firstToken * size, (firstToken + tokenCount) * size);
          fit.add({ feedForwardInput, feedForwardOutput, target, tokenCount });
        }
      },
    },
    signal,
  );
}

/** Whether the output is input plus feed-forward output: only then do changed weights change it as the fit assumes. */
function isSum(output: Float32Array, input: Float32Array, added: Float32Array): boolean {
  let gap = 0;
  let power = 0;
  for (const [i, value] of output.entries()) {
    gap += (value - (input[i] ?? 0) - (added[i] ?? 0)) ** 2;
    power += value ** 2;
  }
  return gap <= sumTolerance ** 2 * power;
}

function notAdded(block: number): CodedError {
  return new CodedError(
    'model.unsupported',
    `Block ${block} of this model does not simply add what its feed-forward part gives, so it cannot be healed.`,
    'Prune it without --heal, or use a dense model such as Qwen2.5-Coder, Llama or SmolLM2.',
  );
}
