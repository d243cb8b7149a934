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

  /** Keeps a holder as the most recently used; returns the cell ids that it makes needless. */
  add(holder: PrefixHolder): readonly number[] {
    const covered = [...this.#holders.values()].filter(
      (kept) => commonPrefixLength(kept.tokens, holder.tokens) === kept.tokens.length,
    );
    for (const { cellsId } of covered) this.#holders.delete(cellsId);
    this.#holders.set(holder.cellsId, holder);
    return covered.map(({ cellsId }) => cellsId);
  }

  /** Marks a holder as just used; live sequences are ignored. */
  touch(cellsId: number): void {
    const holder = this.#holders.get(cellsId);
    if (holder === undefined) return;
    this.#holders.delete(cellsId);
    this.#holders.set(cellsId, holder);
  }

  /** Removes the least recently used holder and returns its cells id; null when there is none. */
  evict(): number | null {
    for (const cellsId of this.#holders.keys()) {
      this.#holders.delete(cellsId);
      return cellsId;
    }
    return null;
  }
}
