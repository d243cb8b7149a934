/** A count with its noun in the right number: `1 token`, `12 tokens`. Only for nouns that take an s. Pure. */
export function counted(count: number, noun: string, format: (count: number) => string = String): string {
  return `${format(count)} ${nounFor(count, noun)}`;
}

/** The noun alone, for a count that is shown elsewhere, or in words between. Pure. */
export function nounFor(count: number, noun: string): string {
  return Math.round(count) === 1 ? noun : `${noun}s`;
}
