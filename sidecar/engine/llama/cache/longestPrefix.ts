import { commonPrefixLength } from '../../../numeric/commonPrefixLength.ts';
import type { TokenId } from '../../engine.ts';
import type { PrefixMatch } from './prefixTree.ts';

/** A text, and whose cells hold it. */
interface HeldText {
  readonly cellsId: number;
  readonly tokens: readonly TokenId[];
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
