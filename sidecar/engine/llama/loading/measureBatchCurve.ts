import type { LogitsKernel } from '../../../numeric/logitsKernel.ts';
import type { BatchCurve } from '../../speculation/batchCost.ts';
import { MeasuringTime, mostMeasuringMs } from '../../speeds/measuringTime.ts';
import { DecodeBatch } from '../native/decodeBatch.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { type CLibrary, readLogits } from '../native/nativeMemory.ts';

/** Sizes measured, from which the others are interpolated: where kernels change their shape, and to the longest draft. */
const sizes = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32] as const;
/** Every size is decoded once; then again as long as this lasts, for the best of several. */
const repeatUntilMs = 1000;
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
 * Milliseconds of decode calls of 1 to 32 tokens with the statistics of every row, the best of what `mostMeasuringMs`
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
  const curve = curveWithin(new MeasuringTime(mostMeasuringMs.drafts, now), { callMs, now });
  library.clearMemory(memory);
  return curve;
}

/** Times the sizes, smallest first, as often as the time allows; a model that is slow is measured at fewer of them. Pure but for the calls. */
export function curveWithin(
  time: Pick<MeasuringTime, 'hasRoomFor'>,
  { callMs, now }: { readonly callMs: (tokens: number) => number; readonly now: () => number },
): BatchCurve {
  const startedMs = now();
  // The first call of all warms up what the others find warm.
  const firstMs = callMs(1);
  if (!time.hasRoomFor(firstMs)) return Number.isFinite(firstMs) ? [{ tokens: 1, durationMs: firstMs }] : [];
  const best = new Map<number, number>();
  for (let pass = 0; pass === 0 || now() - startedMs < repeatUntilMs; pass++) {
    let perTokenMs = 0;
    for (const tokens of sizes) {
      const isEnough = pass > 0 && now() - startedMs > repeatUntilMs;
      // A longer call takes no longer for each of its tokens.
      if (isEnough || !time.hasRoomFor(perTokenMs * tokens)) break;
      const durationMs = callMs(tokens);
      if (!Number.isFinite(durationMs)) continue;
      perTokenMs = durationMs / tokens;
      best.set(tokens, Math.min(best.get(tokens) ?? Infinity, durationMs));
    }
  }
  return [...best].map(([tokens, durationMs]) => ({ tokens, durationMs }));
}
