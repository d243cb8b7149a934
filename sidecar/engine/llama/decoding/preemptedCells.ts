import type { TokenId } from '../../engine.ts';
import type { KvCache } from '../cache/kvCache.ts';
import { commonPrefixLength } from '../../../numeric/commonPrefixLength.ts';
import { worksInTurn } from './batchPlanner.ts';
import { isPrefilling, type SequenceState } from './sequenceState.ts';
import type { WorkAnswers } from './workAnswers.ts';

export interface LostDependencies {
  readonly cache: Pick<KvCache, 'reuse'>;
  readonly answers: Pick<WorkAnswers, 'finishPrefillWhenDone'>;
  /** Every live sequence, and those of them with work, in the order of opening. */
  readonly live: () => Iterable<SequenceState>;
  readonly working: () => Iterable<SequenceState>;
}

/**
 * How sequences get back what they gave up (`KvPreemption`) once it is their turn: from a sequence that holds the same tokens, else from
 * copies in host memory, and only what is left is decoded anew. Of several that share a prompt the first decodes it and the
 * others wait, so that they take no more cells than before and nothing is decoded twice.
 */
export class PreemptedCells {
  readonly #dependencies: LostDependencies;

  constructor(dependencies: LostDependencies) {
    this.#dependencies = dependencies;
  }

  /** Before a round is planned. A prompt that is whole again is answered. */
  bringBack(): void {
    for (const sequence of this.#inTurn()) {
      if (!sequence.hasPreemptedCells) continue;
      if (isPrefilling(sequence)) sequence.decodedCount = this.reuse(sequence, sequence.tokens);
      sequence.hasPreemptedCells = sequence.decodedCount < sequence.tokens.length - 1;
      this.#dependencies.answers.finishPrefillWhenDone(sequence);
    }
  }

  /** Whether a working sequence does not decode in this round because one before it decodes what both need. */
  waits(sequence: SequenceState): boolean {
    return sequence.hasPreemptedCells && sharedAhead(sequence, this.#inTurn()) > sequence.decodedCount;
  }

  /** Shares or restores the cells of as many of `tokens` as it can, but for the last. Returns how many it holds then. */
  reuse(sequence: SequenceState, tokens: readonly TokenId[]): number {
    const live = [...this.#dependencies.live()].filter((other) => other !== sequence);
    // A restored prompt takes other decode calls than a fresh one, and with them other last digits.
    const restores = !sequence.isReproducible;
    return this.#dependencies.cache.reuse(sequence.cellsId, tokens.slice(0, -1), { live, restores });
  }

  #inTurn(): readonly SequenceState[] {
    return worksInTurn([...this.#dependencies.working()]);
  }
}

/**
 * Tokens that a sequence which lost cells need not decode because another does and it waits for that: 0 for one that lost
 * none. Of two that lost theirs the later waits, for others both do. Pure.
 */
export function sharedAhead(
  sequence: Pick<SequenceState, 'tokens' | 'hasPreemptedCells'>,
  works: readonly SequenceState[],
): number {
  if (!sequence.hasPreemptedCells) return 0;
  const place = works.findIndex((other) => other === sequence);
  const before = works.filter(
    (other, i) => other !== sequence && (place === -1 || i < place || !other.hasPreemptedCells),
  );
  const shared = before.filter(isPrefilling).map(({ tokens }) => {
    const most = Math.min(tokens.length, sequence.tokens.length) - 1;
    return Math.min(commonPrefixLength(tokens, sequence.tokens), most);
  });
  return Math.max(0, ...shared);
}

/** Cells that prompts under way are still going to take: what two of them are to share counts once. Pure. */
export function waitingTokens(works: readonly SequenceState[]): number {
  return works
    .filter(isPrefilling)
    .map((sequence) => sequence.tokens.length - Math.max(sequence.decodedCount, sharedAhead(sequence, works)))
    .reduce((sum, count) => sum + count, 0);
}
