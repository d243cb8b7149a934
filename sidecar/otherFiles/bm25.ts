/** A text, as far as a search looks at it. */
export interface TermDocument {
  /** How often each term comes. */
  readonly terms: ReadonlyMap<string, number>;
  /** Terms, repeats included. */
  readonly length: number;
}

/** How soon more of the same term adds little, and how much longer texts are marked down: the usual values. */
const saturation = 1.2;
const lengthShare = 0.75;

/**
 * BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, formula 3.15) of each
 * document for a query:
 *
 *   Σ idf(t) · tf(t) · (k + 1) / (tf(t) + k · (1 − b + b · length / mean length))
 *
 * with idf(t) = ln(1 + (N − n(t) + ½) / (n(t) + ½)), Lucene's form, which is never negative. A term counts once, however
 * often the query has it. Costs a look-up for each term and document. Pure.
 */
export function bm25Scores(documents: readonly TermDocument[], query: Iterable<string>): readonly number[] {
  const scores = documents.map(() => 0);
  if (documents.length === 0) return scores;
  const meanLength = documents.reduce((sum, { length }) => sum + length, 0) / documents.length;
  for (const term of new Set(query)) {
    const counts = documents.map(({ terms }) => terms.get(term) ?? 0);
    const withTerm = counts.filter((count) => count > 0).length;
    if (withTerm === 0) continue;
    const idf = Math.log(1 + (documents.length - withTerm + 0.5) / (withTerm + 0.5));
    for (const [index, count] of counts.entries()) {
      if (count === 0) continue;
      const length = documents[index]?.length ?? 0;
      const norm = saturation * (1 - lengthShare + (lengthShare * length) / meanLength);
      scores[index] = (scores[index] ?? 0) + (idf * count * (saturation + 1)) / (count + norm);
    }
  }
  return scores;
}
