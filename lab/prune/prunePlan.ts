import { CodedError } from '../../protocol/codedError.ts';
import type { TextQuality } from '../../sidecar/layerSkip/textQuality.ts';

/** Which blocks of which model to leave out, and why these. Plain data: it is kept in the file it leads to. */
export interface PrunePlan {
  /** SHA-256 of the model file the plan was made for. */
  readonly sourceSha256: string;
  readonly blockCount: number;
  /** Ascending, without duplicates. */
  readonly droppedBlocks: readonly number[];
  readonly choice: BlockChoice;
  /** Absent where nothing was measured. */
  readonly measured?: PlanMeasurement;
}

export type BlockChoice =
  | { readonly type: 'listed' }
  /** Evenly spaced blocks are kept, first and last included (Unified Layer Skipping, arXiv 2404.06954). */
  | { readonly type: 'unified' }
  /** Those go that change least what passes through them (1 − cosine). */
  | { readonly type: 'influence' }
  /** Those go without which the model's loss on the calibration text rises least. */
  | { readonly type: 'loss' };

/** What was measured of a plan on this machine. */
export interface PlanMeasurement {
  /** Hash of the calibration text. */
  readonly textSha256: string;
  readonly seed: number;
  /** By block, of the whole model, as `BlockChoiceResult` says; empty where blocks were not chosen by measuring. */
  readonly scores: readonly (number | null)[];
  /** On text that was not chosen by. */
  readonly quality: TextQuality;
}

/** Blocks to leave out as a user states them. */
export type BlockSelection =
  | { readonly type: 'drop'; readonly blocks: readonly number[] }
  /** Blocks to leave out. */
  | { readonly type: 'count'; readonly count: number }
  /** Share of blocks kept, between 0 and 1. */
  | { readonly type: 'keepRatio'; readonly ratio: number }
  /** Target speed over the whole model's, above 1, as if blocks were all it computes. */
  | { readonly type: 'speedup'; readonly factor: number };

/** A plan from a user's selection. Throws `plan.invalid` when it would drop none, all, or blocks that are not there. */
export function planPruning(
  source: { readonly sha256: string; readonly blockCount: number },
  selection: BlockSelection,
): PrunePlan {
  const { sha256: sourceSha256, blockCount } = source;
  const droppedBlocks = checkDroppedBlocks(droppedBy(selection, blockCount), blockCount);
  const choice: BlockChoice = { type: selection.type === 'drop' ? 'listed' : 'unified' };
  return { sourceSha256, blockCount, droppedBlocks, choice };
}

/** The blocks ascending and without duplicates. Throws `plan.invalid` when they leave no model or change nothing. */
export function checkDroppedBlocks(blocks: readonly number[], blockCount: number): readonly number[] {
  const dropped = [...new Set(blocks)].sort((a, b) => a - b);
  const outside = dropped.find((block) => !Number.isInteger(block) || block < 0 || block >= blockCount);
  if (outside !== undefined) throw invalid(`there is no block ${outside}`, blockCount);
  if (dropped.length === 0) throw invalid('no block would be dropped', blockCount);
  if (dropped.length === blockCount) throw invalid('no block would be left', blockCount);
  return dropped;
}

/**
 * `kept` blocks of `blockCount`, evenly spaced from the first to the last. arXiv 2404.06954 prints a rule that
 * keeps only the lowest blocks at small speed-ups; this is what it means: round(linspace(0, L − 1, n)).
 */
export function evenlySpacedBlocks(blockCount: number, kept: number): readonly number[] {
  if (kept < 2) return blockCount > 0 ? [0] : [];
  const step = (blockCount - 1) / (kept - 1);
  return [...new Set(Array.from({ length: kept }, (_, index) => Math.round(index * step)))];
}

/** How many blocks a selection leaves out. Pure; may be none or all. */
export function droppedCount(selection: BlockSelection, blockCount: number): number {
  switch (selection.type) {
    case 'drop':
      return new Set(selection.blocks).size;
    case 'count':
      return selection.count;
    case 'keepRatio':
      return blockCount - Math.round(blockCount * selection.ratio);
    case 'speedup':
      return blockCount - Math.round(blockCount / selection.factor);
  }
}

function droppedBy(selection: BlockSelection, blockCount: number): readonly number[] {
  if (selection.type === 'drop') return selection.blocks;
  const kept = blockCount - droppedCount(selection, blockCount);
  return allBut(evenlySpacedBlocks(blockCount, kept), blockCount);
}

function allBut(kept: readonly number[], blockCount: number): readonly number[] {
  return Array.from({ length: blockCount }, (_, block) => block).filter((block) => !kept.includes(block));
}

function invalid(what: string, blockCount: number): CodedError {
  return new CodedError(
    'plan.invalid',
    `These blocks cannot be dropped: ${what}. The model has blocks 0 to ${blockCount - 1}.`,
    'Name some of its blocks, such as "--drop 11,12", or a share to keep, such as "--keep-ratio 0.9".',
  );
}
