/** A `#file` that is being typed. */
export interface FileMention {
  /** What follows the `#`, up to the cursor. */
  readonly query: string;
  /** Where the `#` is. */
  readonly from: number;
  /** Where the cursor is. */
  readonly to: number;
}

/** The mention that the cursor is at the end of; null where it is in none, or nothing follows the `#` yet. Pure. */
export function fileMention(text: string, cursor: number): FileMention | null {
  const typed = /(?<!\S)#([\w@./+-]+)$/u.exec(text.slice(0, cursor));
  const query = typed?.[1];
  return typed === null || query === undefined ? null : { query, from: typed.index, to: cursor };
}

/** The text with a mention made whole, and where the cursor is then. Pure. */
export function completeMention(
  text: string,
  { from, to }: FileMention,
  path: string,
): { readonly text: string; readonly cursor: number } {
  const before = `${text.slice(0, from)}#${path} `;
  return { text: before + text.slice(to).replace(/^ /u, ''), cursor: before.length };
}
