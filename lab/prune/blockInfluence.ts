import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import type { BlockObserver, BlockRows } from '../observe/blockObservation.ts';
import type { CalibrationTokens } from './calibrationTokens.ts';

/**
 * How much each block changes what passes through it: 1 − cosine of the states before and after it, mean over all
 * tokens; 0 for a block that only changes their length. Measured with the blocks of `dropped` left out, whose values
 * are not numbers. One pass over the texts; `onText` is called after each.
 */
export async function measureInfluence(
  observer: BlockObserver,
  texts: readonly CalibrationTokens[],
  options: { readonly dropped: readonly number[]; readonly onText: (tokenCount: number) => void },
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { blockCount, hiddenSize } = requireLocal(observer.model.info);
  const blocks = Array.from({ length: blockCount }, (_, block) => block);
  const kept = blocks.filter((block) => !options.dropped.includes(block));
  const sums = new Float64Array(blockCount);
  let tokenCount = 0;
  let before = new Float32Array(0);
  const visit = ({ block, part, values }: BlockRows): void => {
    if (part === 'input') before = values.slice();
    else sums[block] = (sums[block] ?? 0) + sumOfDistances(before, values, hiddenSize);
  };
  const parts = kept.flatMap((block) => [
    { block, part: 'input' as const },
    { block, part: 'output' as const },
  ]);
  for (const { tokens } of texts) {
    await observer.observe(tokens, { changes: { dropped: options.dropped }, parts, visit }, signal);
    tokenCount += tokens.length;
    options.onText(tokens.length);
  }
  return blocks.map((block) => (kept.includes(block) ? (sums[block] ?? 0) / tokenCount : NaN));
}

/** Sum over rows of 1 − cosine; a row without length counts as unchanged. Pure. */
export function sumOfDistances(before: Float32Array, behind: Float32Array, rowSize: number): number {
  let sum = 0;
  for (let start = 0; start + rowSize <= before.length; start += rowSize) {
    let together = 0;
    let aloneBefore = 0;
    let aloneBehind = 0;
    for (let i = start; i < start + rowSize; i++) {
      const x = before[i] ?? 0;
      const y = behind[i] ?? 0;
      together += x * y;
      aloneBefore += x * x;
      aloneBehind += y * y;
    }
    const lengths = Math.sqrt(aloneBefore * aloneBehind);
    if (lengths > 0) sum += 1 - together / lengths;
  }
  return sum;
}
