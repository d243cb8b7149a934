import type { TokenId } from '../engine.ts';

/** A sequence whose cells others may share: its decoded tokens, not those still pending. */
export interface PrefixHolder {
  readonly cellsId: number;
  readonly tokens: readonly TokenId[];
}

export interface PrefixMatch {
  readonly cellsId: number;
  readonly length: number;
}

/** Tokens that two texts have in common at their start. */
export function commonPrefixLength(a: readonly TokenId[], b: readonly TokenId[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

/** The holder with the longest common prefix with `tokens`; null when no first token agrees. */
export function longestPrefix(
  tokens: readonly TokenId[],
  holders: Iterable<PrefixHolder>,
): PrefixMatch | null {
  let best: PrefixMatch | null = null;
  for (const holder of holders) {
    const length = commonPrefixLength(tokens, holder.tokens);
    if (length > (best?.length ?? 0)) best = { cellsId: holder.cellsId, length };
  }
  return best;
}

/** A holder counts as used when this share of it was: every chat starts with the same few tokens. */
const usedShare = 0.5;

/**
 * Cells of sequences that are over, kept because the next request may start alike. Least recently used leaves
 * first. One that is a prefix of another is dropped at once: it could never be the longest.
 */
export class RetiredPrefixes {
  /** In order of use, oldest first. */
  readonly #holders = new Map<number, PrefixHolder>();

  get holders(): Iterable<PrefixHolder> {
    return this.#holders.values();
  }

  /** Keeps a holder as the most recently used; returns the cell ids that are needless now, its own when it is one. */
  add(holder: PrefixHolder): readonly number[] {
    for (const kept of this.#holders.values()) {
      if (commonPrefixLength(kept.tokens, holder.tokens) < holder.tokens.length) continue;
      this.#renew(kept);
      return [holder.cellsId];
    }
    const covered = [...this.#holders.values()].filter(
      (kept) => commonPrefixLength(kept.tokens, holder.tokens) === kept.tokens.length,
    );
    for (const { cellsId } of covered) this.#holders.delete(cellsId);
    this.#holders.set(holder.cellsId, holder);
    return covered.map(({ cellsId }) => cellsId);
  }

  /** `match` was shared: its holder is the most recently used if much of it was. Live sequences are ignored. */
  touch(match: PrefixMatch): void {
    const holder = this.#holders.get(match.cellsId);
    if (holder === undefined || match.length < usedShare * holder.tokens.length) return;
    this.#renew(holder);
  }

  /** Removes the least recently used holder and returns its cells id; null when there is none. */
  evict(): number | null {
    for (const cellsId of this.#holders.keys()) {
      this.#holders.delete(cellsId);
      return cellsId;
    }
    return null;
  }

  #renew(holder: PrefixHolder): void {
    this.#holders.delete(holder.cellsId);
    this.#holders.set(holder.cellsId, holder);
  }
}
