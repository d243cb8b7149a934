import { generatedTokenCount } from '../../protocol/budget.ts';
import type { RawTrace } from './rawTrace.ts';
import { groupBy, mean } from './rowSummary.ts';

/** Mean tokens that the fixed caps are to come to, by the adaptive mean. */
const shares = [0.85, 1, 1.15];
const coarsenessTokens = 8;
const smallestCap = 16;

/**
 * Caps on the thought at which a row without difficulty would come to about as many generated tokens as an adaptive one: a
 * bit fewer, as many, a bit more. Both are taken on the questions that both have answered, and known from the lengths
 * that thoughts had under their own cap, where a cap of c leaves min(length, c) and the answer. Ascending, without
 * repetition; none that would cut nothing off. Pure.
 */
export function fixedCaps(adaptive: readonly RawTrace[], uncapped: readonly RawTrace[]): readonly number[] {
  const adaptiveTokens = byQuestion(adaptive, ({ ledger }) => generatedTokenCount(ledger));
  const shared = uncapped.filter(({ questionId }) => adaptiveTokens.has(questionId));
  const sharedIds = new Set(shared.map(({ questionId }) => questionId));
  const wanted = mean([...adaptiveTokens].filter(([id]) => sharedIds.has(id)).map(([, tokens]) => tokens));
  const under = (cap: number): number =>
    mean([...byQuestion(shared, (trace) => cappedTokens(trace, cap)).values()]);
  const longest = Math.max(
    0,
    ...shared.flatMap(({ candidates }) => candidates.map(({ thoughtTokens }) => thoughtTokens)),
  );
  const caps = shares.map((share) => {
    let cap = smallestCap;
    while (cap < longest && under(cap) < wanted * share) cap += coarsenessTokens;
    return cap;
  });
  return [...new Set(caps)].filter((cap) => cap < longest).sort((a, b) => a - b);
}

/** Means over the seeds of each question. */
function byQuestion(
  traces: readonly RawTrace[],
  tokensOf: (trace: RawTrace) => number,
): ReadonlyMap<string, number> {
  const runs = groupBy(traces, ({ questionId }) => questionId);
  return new Map([...runs].map(([id, ofQuestion]) => [id, mean(ofQuestion.map(tokensOf))]));
}

function cappedTokens({ candidates }: RawTrace, cap: number): number {
  return candidates.reduce(
    (sum, { thoughtTokens, answerTokens }) => sum + Math.min(thoughtTokens, cap) + answerTokens,
    0,
  );
}
