/** Whether a piece of code has a letter or a digit: one that has none says little about where it belongs. Pure. */
export function saysSomething(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
