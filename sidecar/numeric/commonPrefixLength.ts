/** How many entries two lists of numbers begin with in common: token ids, or nodes of a tree. Pure. */
export function commonPrefixLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}
