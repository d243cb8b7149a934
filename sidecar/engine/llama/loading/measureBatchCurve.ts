import type { LogitsKernel } from '../../../numeric/logitsKernel.ts';
import type { BatchCurve } from '../../speculation/batchCost.ts';
import { DecodeBatch } from '../native/decodeBatch.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { type CLibrary, readLogits } from '../native/nativeMemory.ts';

/** Sizes measured, from which the others are interpolated: where kernels change their shape, and to the longest draft. */
const sizes = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32] as const;
/** Every size is decoded once; then again as long as this lasts, for the best of several. */
const repeatUntilMs = 1000;
/** A model this slow is measured at fewer sizes. */
const stopAfterMs = 2500;
/** Rows of which the most likely tokens are looked for, as a generation does. */
const leading = 8;

export interface CurveDependencies {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly context: Pointer;
  readonly kernel: LogitsKernel;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/**
 * Milliseconds of decode calls of 1 to 32 tokens with the statistics of every row, the best of what one to two seconds
 * allow. Leaves the cache empty, as it must be before.
 */
export function measureBatchCurve(dependencies: CurveDependencies): BatchCurve {
  const { library, context, kernel, now } = dependencies;
  const memory = library.memory(context);
  const batch = new DecodeBatch(sizes.at(-1) ?? 1);
  const callMs = (tokens: number): number => {
    batch.clear();
    for (let position = 0; position < tokens; position++) {
      batch.add((17 + 31 * position) % kernel.vocabularySize, position, 0, true);
    }
    const startedMs = now();
    if (batch.decode(library, context) !== 'done') return Infinity;
    for (let row = 0; row < tokens; row++) {
      if (!readLogits(dependencies, row, kernel.row)) return Infinity;
      kernel.analyse(leading);
    }
    const durationMs = now() - startedMs;
    library.clearMemory(memory);
    return durationMs;
  };
  const startedMs = now();
  // The first call of all warms up what the others find warm.
  callMs(1);
  const best = new Map<number, number>();
  for (let pass = 0; pass === 0 || now() - startedMs < repeatUntilMs; pass++) {
    for (const tokens of sizes) {
      if (now() - startedMs > (pass === 0 ? stopAfterMs : repeatUntilMs)) break;
      best.set(tokens, Math.min(best.get(tokens) ?? Infinity, callMs(tokens)));
    }
  }
  library.clearMemory(memory);
  return [...best]
    .filter(([, durationMs]) => Number.isFinite(durationMs))
    .map(([tokens, durationMs]) => ({ tokens, durationMs }));
}
