/** Characters of a part of a file that is kept for prompts: UTF-16 units. Nobody reads code in longer lines. */
export const mostPartChars = 2_000;

/** Schemes whose documents prompts may have parts of. Others may be of another machine, or not be files at all. */
const offeredSchemes = new Set(['file', 'untitled', 'vscode-notebook-cell']);

/** Whether parts of a document may go into the prompts of others, by the scheme of its URI, without `:`. Pure. */
export function isOfferedScheme(scheme: string): boolean {
  return offeredSchemes.has(scheme);
}
