/** A step waits for memory and a prompt for arithmetic, so that they may want different numbers of threads. */
export type CallKind = 'decode' | 'prefill';

export type ThreadCounts = Readonly<Record<CallKind, number>>;

/** Below this there is nothing to choose from: a call is worth every core. */
const leastToMeasure = 3;
/** Decodes per candidate, taken in turns; the best of each counts, since disturbances only ever add. */
const samples = 3;
/** Fewer threads must be this much faster to be believed: timings are noisy. */
const worthwhileGain = 1.05;

/**
 * Threads for one kind of call: all logical processors, or half of them where that is faster, as it is when two share
 * a core. `decodeMs` makes such a call with a thread count and returns how long it took; null where there is no time for it, and
 * then what was measured until then decides. Null where that is nothing.
 */
export function chooseThreadCount(all: number, decodeMs: (threads: number) => number | null): number | null {
  if (all < leastToMeasure) return all;
  const half = Math.ceil(all / 2);
  let bestAllMs = Infinity;
  let bestHalfMs = Infinity;
  for (let sample = 0; sample < samples; sample++) {
    const [allMs, halfMs] = [decodeMs(all), decodeMs(half)];
    if (allMs === null || halfMs === null) break;
    bestAllMs = Math.min(bestAllMs, allMs);
    bestHalfMs = Math.min(bestHalfMs, halfMs);
  }
  if (bestHalfMs === Infinity) return null;
  return bestHalfMs * worthwhileGain < bestAllMs ? half : all;
}
