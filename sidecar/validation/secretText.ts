/** Whether a text can be a key, as a header carries it: one word of ASCII. Pure. */
export function isSecretText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
