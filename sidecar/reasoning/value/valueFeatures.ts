/** Where a state is read: at a token that ends a line of the thought, or at the last token of the answer. */
export type ValuePlace = 'lineEnd' | 'answer';

/** What a value head knows of a point in a candidate beside the model's state. */
export interface ValuePoint {
  readonly place: ValuePlace;
  /** Tokens of the candidate up to there; cues are left out. */
  readonly generatedTokens: number;
  /** Entropies of those tokens, added up. */
  readonly entropyNats: number;
}

/** Answers of the candidates that ended before a point; the candidate's own is left out. */
export interface EarlierAnswers {
  /** Those with an answer. */
  readonly count: number;
  /** The most of them that agree with one another. */
  readonly leading: number;
  /** Those that agree with the candidate's answer; 0 where it has none yet. */
  readonly agreeing: number;
}

/** Names of `valueFeatures`, in their order. A head that was fitted to others is refused. */
export const valueFeatureNames = [
  'isAnswer',
  'logTokens',
  'meanEntropyNats',
  'leadingShare',
  'agreeingShare',
  'logEarlier',
] as const;

/** Votes that a share counts beside those that were cast, half of them for and half against: few votes say little. */
const priorVotes = 1;

/**
 * Inputs of a value head beside the state, in the order of `valueFeatureNames`: 0 or 1, ln(1 + tokens), nats a token, two
 * shares in 0…1 that are 0.5 without votes, and ln(1 + earlier answers). Pure.
 */
export function valueFeatures(
  { place, generatedTokens, entropyNats }: ValuePoint,
  { count, leading, agreeing }: EarlierAnswers,
): readonly number[] {
  const isAnswer = place === 'answer';
  const share = (votes: number): number => (votes + priorVotes / 2) / (count + priorVotes);
  return [
    isAnswer ? 1 : 0,
    Math.log1p(generatedTokens),
    entropyNats / Math.max(1, generatedTokens),
    share(leading),
    // At a line end there is no answer that others could agree with.
    isAnswer ? share(agreeing) : 0.5,
    Math.log1p(count),
  ];
}

/** Counts the answers of candidates that ended before; those without one are null. `own` is null at a line end. Pure. */
export function earlierAnswers(earlier: readonly (string | null)[], own: string | null): EarlierAnswers {
  const counts = new Map<string, number>();
  for (const answer of earlier) if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const all = [...counts.values()];
  return {
    count: all.reduce((sum, votes) => sum + votes, 0),
    leading: Math.max(0, ...all),
    agreeing: own === null ? 0 : (counts.get(own) ?? 0),
  };
}
