/**
 * Items from all over the list, whose sizes come to about `amount` together: no less, and more by the last at most. The
 * list itself where that is all. Pure.
 */
export function spreadOver<T>(
  items: readonly T[],
  amount: number,
  sizeOf: (item: T) => number,
): readonly T[] {
  const total = items.reduce((sum, item) => sum + sizeOf(item), 0);
  if (amount >= total) return items;
  const chosen: T[] = [];
  let passed = 0;
  let taken = 0;
  for (const item of items) {
    passed += sizeOf(item);
    // Whenever the share taken falls behind the share passed by.
    if (taken < (passed / total) * amount) {
      chosen.push(item);
      taken += sizeOf(item);
    }
  }
  return chosen;
}
