import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { BlockObserver } from '../observe/blockObservation.ts';
import { measureInfluence } from './blockInfluence.ts';
import { type CalibrationTokens, tokenCountOf } from './calibrationTokens.ts';
import { spreadOver } from '../numeric/spreadOver.ts';
import { meanLossNats, predictTexts } from './predictTexts.ts';

/** Which blocks may be left out together. */
export interface DropRules {
  /** Blocks in a row that may be left out: what follows a gap was trained on what the gap's last block gives. */
  readonly maxRun: number;
}

export const defaultDropRules: DropRules = { maxRun: 4 };

/** Tokens that a first, rough look at a candidate takes. Each further look takes twice as many, at half as many. */
const firstLookTokens = 600;
/** Share of blocks, by least influence, that are tried at all. */
const triedShare = 0.5;
const leastTried = 6;

export interface ChooseOptions {
  readonly count: number;
  readonly rules: DropRules;
  /** Tokens read since the last call, out of about how many in all. */
  readonly onProgress: (tokenCount: number, totalTokens: number) => void;
}

/** Blocks in the order of being chosen, and what each one's leaving out was measured to cost. */
export interface BlockChoiceResult {
  readonly dropped: readonly number[];
  /**
   * By block, of the whole model: 1 − cosine where chosen by influence; where chosen by loss, nats per token lost by
   * leaving this block alone out, and null for blocks that were never tried.
   */
  readonly scores: readonly (number | null)[];
}

/**
 * The `count` blocks that change least what passes through them, one after another: the influence of the others is
 * measured anew after each choice. Throws `plan.invalid` where the rules allow no more.
 */
export async function chooseByInfluence(
  observer: BlockObserver,
  texts: readonly CalibrationTokens[],
  { count, rules, onProgress }: ChooseOptions,
  signal: AbortSignal,
): Promise<BlockChoiceResult> {
  const { blockCount } = requireLocal(observer.model.info);
  const totalTokens = count * tokensOf(texts);
  const dropped: number[] = [];
  let first: readonly number[] | null = null;
  while (dropped.length < count) {
    const onText = (tokenCount: number): void => {
      onProgress(tokenCount, totalTokens);
    };
    const influence = await measureInfluence(observer, texts, { dropped, onText }, signal);
    first ??= influence;
    const allowed = allowedBlocks(blockCount, dropped, rules);
    const [least] = allowed.toSorted((a, b) => (influence[a] ?? 0) - (influence[b] ?? 0));
    if (least === undefined) throw rulesExhausted(dropped.length, rules);
    dropped.push(least);
  }
  return { dropped, scores: first ?? [] };
}

/**
 * Picks `count` blocks one after another, each the one without which the model predicts the texts best. Rough
 * looks on few tokens sort out most candidates, so that only the best are compared on all; blocks of large influence
 * are not tried. Deterministic. Throws as `chooseByInfluence`.
 */
export async function chooseByLoss(
  observer: BlockObserver,
  texts: readonly CalibrationTokens[],
  { count, rules, onProgress }: ChooseOptions,
  signal: AbortSignal,
): Promise<BlockChoiceResult> {
  const { blockCount } = requireLocal(observer.model.info);
  const tried = Math.min(blockCount, Math.max(leastTried + count, Math.ceil(blockCount * triedShare)));
  const looks = looksAt(tokensOf(texts), tried);
  const totalTokens =
    2 * tokensOf(texts) + count * looks.reduce((sum, look) => sum + look.tokens * look.candidates, 0);
  const onText = (tokenCount: number): void => {
    onProgress(tokenCount, totalTokens);
  };
  const influence = await measureInfluence(observer, texts, { dropped: [], onText }, signal);
  const order = [...influence.keys()].sort((a, b) => (influence[a] ?? 0) - (influence[b] ?? 0));
  const lossOf = async (blocks: readonly number[], part: readonly CalibrationTokens[]): Promise<number> =>
    meanLossNats(await predictTexts(observer, part, { changes: { dropped: blocks }, onText }, signal));

  const wholeLoss = await lossOf([], texts);
  const scores: (number | null)[] = Array.from({ length: blockCount }, () => null);
  const dropped: number[] = [];
  while (dropped.length < count) {
    const allowed = allowedBlocks(blockCount, dropped, rules);
    let candidates = order.filter((block) => allowed.includes(block)).slice(0, tried);
    for (const look of looks) {
      const part = spreadOver(texts, look.tokens, tokenCountOf);
      const losses = new Map<number, number>();
      for (const block of candidates) losses.set(block, await lossOf([...dropped, block], part));
      candidates.sort((a, b) => (losses.get(a) ?? Infinity) - (losses.get(b) ?? Infinity));
      if (dropped.length === 0) {
        const reference = part === texts ? wholeLoss : await lossOf([], part);
        for (const [block, loss] of losses) scores[block] = loss - reference;
      }
      candidates = candidates.slice(0, Math.ceil(candidates.length / 2));
    }
    const [best] = candidates;
    if (best === undefined) throw rulesExhausted(dropped.length, rules);
    dropped.push(best);
  }
  return { dropped, scores };
}

/**
 * Blocks that may be left out beside those that are: never the first and the last, which meet the embedding and the
 * output matrix, and no more than `maxRun` in a row. Ascending. Pure.
 */
export function allowedBlocks(
  blockCount: number,
  dropped: readonly number[],
  { maxRun }: DropRules,
): readonly number[] {
  const isOut = (block: number): boolean => dropped.includes(block);
  return Array.from({ length: Math.max(0, blockCount - 2) }, (_, index) => index + 1).filter((block) => {
    if (isOut(block)) return false;
    let run = 1;
    for (let next = block + 1; isOut(next); next++) run += 1;
    for (let next = block - 1; isOut(next); next--) run += 1;
    return run <= maxRun;
  });
}

interface Look {
  readonly tokens: number;
  readonly candidates: number;
}

/** How many tokens each look takes and how many candidates it is given. */
function looksAt(totalTokens: number, candidates: number): readonly Look[] {
  const looks: Look[] = [];
  let left = candidates;
  for (let tokens = firstLookTokens; ; tokens *= 2) {
    if (tokens >= totalTokens || left <= 2) return [...looks, { tokens: totalTokens, candidates: left }];
    looks.push({ tokens, candidates: left });
    left = Math.ceil(left / 2);
  }
}

function tokensOf(texts: readonly CalibrationTokens[]): number {
  return texts.reduce((sum, text) => sum + tokenCountOf(text), 0);
}

function rulesExhausted(count: number, { maxRun }: DropRules): CodedError {
  return new CodedError(
    'plan.invalid',
    `No more than ${count} blocks can be left out: the first and the last stay, and no more than ${maxRun} in a row go.`,
    'Leave fewer blocks out.',
  );
}
