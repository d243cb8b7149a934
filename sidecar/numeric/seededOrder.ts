import { uniformAt } from './random.ts';

/** The numbers from 0 to `count` − 1 in an order that seed and stream decide (Fisher and Yates). Both are 32-bit. */
export function seededOrder(count: number, seed: number, stream: number): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(uniformAt(seed, stream, last) * (last + 1));
    const kept = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = kept;
  }
  return order;
}
