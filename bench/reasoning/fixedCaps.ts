import type { RawTrace } from './rawTrace.ts';
import { mean } from './rowSummary.ts';

/** Mean tokens that the fixed caps are to come to, by the adaptive mean. */
const shares = [0.85, 1, 1.15];
const coarsenessTokens = 8;
const smallestCap = 16;

/**
 * Caps on the thought at which a row without difficulty would come to about as many tokens as an adaptive one: a bit
 * fewer, as many, a bit more. Known from the lengths that its thoughts had under its own cap, where a cap of c leaves
 * min(length, c). Ascending, without repetition; none that would cut nothing off. Pure.
 */
export function fixedCaps(adaptive: readonly RawTrace[], uncapped: readonly RawTrace[]): readonly number[] {
  const adaptiveMean = mean(adaptive.map((trace) => cappedTokens(trace, Infinity)));
  const longest = Math.max(
    0,
    ...uncapped.flatMap(({ candidates }) => candidates.map(({ thoughtTokens }) => thoughtTokens)),
  );
  const caps = shares.map((share) => {
    let cap = smallestCap;
    while (cap < longest && mean(uncapped.map((trace) => cappedTokens(trace, cap))) < adaptiveMean * share) {
      cap += coarsenessTokens;
    }
    return cap;
  });
  return [...new Set(caps)].filter((cap) => cap < longest).sort((a, b) => a - b);
}

function cappedTokens({ candidates }: RawTrace, cap: number): number {
  return candidates.reduce((sum, { thoughtTokens }) => sum + Math.min(thoughtTokens, cap), 0);
}
