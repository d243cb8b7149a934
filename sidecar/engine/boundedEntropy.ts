/** Natural-log entropy of which only bounds are known. The true value of the whole vocabulary lies between them. */
export interface EntropyBounds {
  readonly lowerNats: number;
  readonly upperNats: number;
}

/** Tokens of the largest vocabularies in use; taken where a server does not say how many its model has. */
export const largestVocabulary = 262_144;

/**
 * Bounds of a distribution's entropy by its `top` log-probabilities and by that of the drawn token, which may be outside
 * them. The rest of the mass, `r`, is spread over the other tokens, none of them likelier than the least likely of the top,
 * `p`: it adds at least `−r ln min(p, r)`, and at most `−r ln (r / others)`, when all are alike. Pure; without any
 * probability the bounds are 0 and `ln` of the vocabulary.
 */
export function boundEntropy(
  top: readonly number[],
  { drawn, vocabularySize }: { readonly drawn: number | null; readonly vocabularySize: number | null },
): EntropyBounds {
  // Servers have large negative numbers in place of an infinity.
  const known = top.map((logprob) => Math.exp(logprob)).filter((p) => p > 0);
  const least = Math.min(1, ...known);
  const drawnProbability = drawn === null ? 0 : Math.exp(drawn);
  // Servers put the drawn token among the top ones, or beside them where it is less likely than all of these.
  const beside =
    known.length > 0 && drawnProbability > 0 && drawnProbability < least ? [drawnProbability] : [];
  const pieces = [...known, ...beside];
  const certain = pieces.reduce((sum, p) => sum - p * Math.log(p), 0);
  const rest = Math.max(0, 1 - pieces.reduce((sum, p) => sum + p, 0));
  const others = Math.max(1, (vocabularySize ?? largestVocabulary) - pieces.length);
  if (rest <= 0) return { lowerNats: Math.max(0, certain), upperNats: Math.max(0, certain) };
  const lowerNats = Math.max(0, certain - rest * Math.log(Math.min(least, rest)));
  return { lowerNats, upperNats: Math.max(lowerNats, certain - rest * Math.log(rest / others)) };
}
