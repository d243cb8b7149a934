import { generatedTokenCount } from '../../../protocol/budget.ts';
import { endsSentence } from '../../../sidecar/engine/stopRules.ts';
import { mean } from '../../../sidecar/numeric/mean.ts';
import { thoughtLimit } from '../../../sidecar/reasoning/candidates/candidateLimits.ts';
import { lengthOf, type RawCandidate, type RawTrace } from './rawTrace.ts';
import { groupBy } from './rowSummary.ts';

/** Mean tokens that the fixed caps are to come to, by the adaptive mean. */
export const aimedShares = [0.85, 1, 1.15];
const coarsenessTokens = 8;
const smallestCap = 16;
/** Enough of a text for `endsSentence`. */
const tailLength = 16;

/**
 * Caps on the thought at which a row without difficulty would come to about as many generated tokens as an adaptive one: a
 * bit fewer, as many, a bit more. Both are taken on the questions that both have answered; what a cap leaves is read off
 * thoughts under their own cap, with `closedThought`. On 100 and 200 questions of GSM8K with two models that came within 3 % of
 * what caps of 144 to 248 left. Ascending, without repetition; none that would cut nothing off. Pure.
 */
export function fixedCaps(adaptive: readonly RawTrace[], uncapped: readonly RawTrace[]): readonly number[] {
  const adaptiveTokens = byQuestion(adaptive, ({ ledger }) => generatedTokenCount(ledger));
  const shared = uncapped
    .filter(({ questionId }) => adaptiveTokens.has(questionId))
    .map(({ questionId, candidates }) => ({ questionId, candidates: candidates.map(cappable) }));
  const sharedIds = new Set(shared.map(({ questionId }) => questionId));
  const wanted = mean([...adaptiveTokens].filter(([id]) => sharedIds.has(id)).map(([, tokens]) => tokens));
  const under = (cap: number): number => {
    const tokensOf = byQuestion(shared, ({ candidates }) =>
      candidates.reduce((sum, one) => sum + closedThought(one, cap) + one.answerTokens, 0),
    );
    return mean([...tokensOf.values()]);
  };
  const whole = under(Infinity);
  const caps = aimedShares.map((share) => {
    const aim = wanted * share;
    let cap = smallestCap;
    while (under(cap) < Math.min(whole, aim)) cap += coarsenessTokens;
    const lower = Math.max(smallestCap, cap - coarsenessTokens);
    return aim - under(lower) < under(cap) - aim ? lower : cap;
  });
  return [...new Set(caps)].filter((cap) => under(cap) < whole).sort((a, b) => a - b);
}

/** Means over the seeds of each question. */
function byQuestion<T extends { readonly questionId: string }>(
  traces: readonly T[],
  tokensOf: (trace: T) => number,
): ReadonlyMap<string, number> {
  const runs = groupBy(traces, ({ questionId }) => questionId);
  return new Map([...runs].map(([id, ofQuestion]) => [id, mean(ofQuestion.map(tokensOf))]));
}

interface Cappable extends Pick<RawCandidate, 'thoughtTokens' | 'answerTokens'> {
  /** Tokens after which a sentence ends, ascending. */
  readonly sentenceEnds: readonly number[];
}

/** Which token a character belongs to is not kept, so tokens are taken to be equally long. */
function cappable(candidate: RawCandidate): Cappable {
  const { text, thoughtTokens, answerTokens } = candidate;
  const tokensPerCharacter = lengthOf(candidate) / text.length;
  const sentenceEnds: number[] = [];
  for (let end = 1; end <= text.length; end++) {
    // A blank is written with the word after it.
    if (text[end - 1] === ' ' || !endsSentence(text.slice(Math.max(0, end - tailLength), end))) continue;
    sentenceEnds.push(Math.ceil(end * tokensPerCharacter));
  }
  return { thoughtTokens, answerTokens, sentenceEnds };
}

/** Tokens of a thought that is closed as `thoughtLimit` says: at the first end of a sentence near the cap, else at the cap. */
function closedThought({ thoughtTokens, sentenceEnds }: Cappable, cap: number): number {
  const { maxTokens, softLimit } = thoughtLimit(cap);
  const sentenceEnd = sentenceEnds.find((end) => end >= softLimit.tokens) ?? maxTokens;
  return Math.min(thoughtTokens, maxTokens, sentenceEnd);
}
