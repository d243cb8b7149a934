import type { TokenId } from '../../engine.ts';
import type { PrefixMatch } from './prefixTree.ts';

/** A text, and whose cells hold it. */
interface HeldText {
  readonly cellsId: number;
  readonly tokens: readonly TokenId[];
}

/** Tokens that two texts have in common at their start. */
export function commonPrefixLength(a: readonly TokenId[], b: readonly TokenId[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

/**
 * The text with the longest common prefix with `tokens`; null when no first token agrees. Looks at each, so for a few
 * texts only: `PrefixTree` is for many.
 */
export function longestPrefix(tokens: readonly TokenId[], texts: Iterable<HeldText>): PrefixMatch | null {
  let best: PrefixMatch | null = null;
  for (const text of texts) {
    const length = commonPrefixLength(tokens, text.tokens);
    if (length > (best?.length ?? 0)) best = { cellsId: text.cellsId, length };
  }
  return best;
}
