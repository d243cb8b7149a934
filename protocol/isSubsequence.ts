/** Whether a text has all UTF-16 units of a part, in their order. Pure. */
export function isSubsequence(part: string, text: string): boolean {
  let found = 0;
  for (let at = 0; at < text.length && found < part.length; at++) {
    if (text[at] === part[found]) found += 1;
  }
  return found === part.length;
}
