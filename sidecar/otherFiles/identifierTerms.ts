/** An identifier, as most programming languages write one. */
const identifier = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
/** Where a camel-case identifier goes on with another word: `readFile`, `HTTPServer`, `utf8Text`. */
const wordStart = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;

/**
 * What a text is about, for a search: each identifier in lower case, and the words that it is made of where it is made of
 * several (camel case, snake case). In the order of the text, with repeats; single characters are left out. Pure.
 */
export function identifierTerms(text: string): readonly string[] {
  const terms: string[] = [];
  for (const [name] of text.matchAll(identifier)) {
    const words = name.split(/[_$]+/u).flatMap((part) => part.split(wordStart));
    const parts = words.filter((word) => word.length > 1);
    if (name.length > 1) terms.push(name.toLowerCase());
    if (parts.length > 1) for (const part of parts) terms.push(part.toLowerCase());
  }
  return terms;
}

/** The identifiers of a text as they are written, in order, with repeats. Pure. */
export function identifiersIn(text: string): readonly string[] {
  return [...text.matchAll(identifier)].map(([name]) => name);
}

/** How often each term comes. Pure. */
export function termCounts(terms: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
