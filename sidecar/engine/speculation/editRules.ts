import type { TokenId } from '../engine.ts';

/** A change seen in a copy: where `left` was before `replaced`, the output said `by` instead of `replaced`. */
export interface EditRule {
  /** The two tokens before the change; they decide where nothing is replaced. */
  readonly left: readonly TokenId[];
  readonly replaced: readonly TokenId[];
  readonly by: readonly TokenId[];
}

interface TalliedRule extends EditRule {
  right: number;
  wrong: number;
}

/** Rules kept; a file's renamed names are few, and a free rewrite makes rules that never hold again. */
const mostRules = 32;
/** A longer change is not a pattern. */
const longestRule = 12;
/** A rule is followed while its chance is above this. */
const leastConfidence = 0.5;

/**
 * Changes made while a text is copied, so that the next occurrence of the same words is foreseen changed. A rule is
 * judged by how often it held where it could have.
 */
export class EditRules {
  #rules: TalliedRule[] = [];

  /** A change that was just made. */
  learn(rule: EditRule): void {
    if (rule.by.length > longestRule || rule.replaced.length > longestRule) return;
    const known = this.#rules.find((other) => isSame(other, rule));
    if (known !== undefined) {
      known.right += 1;
      return;
    }
    this.#rules = [...this.#rules, { ...rule, right: 1, wrong: 0 }].slice(-mostRules);
  }

  /** The output went through `tokens[at]` without a change: what would have changed it was wrong. */
  passed(tokens: readonly TokenId[], at: number): void {
    for (const rule of this.#rules) if (applies(rule, tokens, at)) rule.wrong += 1;
  }

  /** The rule that is most often right at `tokens[at]`, with its chance; null where none applies. */
  at(
    tokens: readonly TokenId[],
    at: number,
  ): { readonly rule: EditRule; readonly confidence: number } | null {
    let best: { readonly rule: EditRule; readonly confidence: number } | null = null;
    for (const rule of this.#rules) {
      const confidence = (rule.right + 0.5) / (rule.right + rule.wrong + 1);
      if (confidence > (best?.confidence ?? leastConfidence) && applies(rule, tokens, at)) {
        best = { rule, confidence };
      }
    }
    return best;
  }
}

function applies({ left, replaced }: EditRule, tokens: readonly TokenId[], at: number): boolean {
  if (replaced.length === 0) return left.every((token, index) => tokens[at - left.length + index] === token);
  return replaced.every((token, index) => tokens[at + index] === token);
}

function isSame(a: EditRule, b: EditRule): boolean {
  const isLeftSame = a.replaced.length > 0 || areEqual(a.left, b.left);
  return isLeftSame && areEqual(a.replaced, b.replaced) && areEqual(a.by, b.by);
}

function areEqual(a: readonly TokenId[], b: readonly TokenId[]): boolean {
  return a.length === b.length && a.every((token, index) => token === b[index]);
}
