import type { KvCache, PrefixHolder } from '../cache/kvCache.ts';
import type { ReadAhead, SequenceState } from './sequenceState.ts';

/** What live sequences hold of the KV cache: their cells and their count of decoded tokens change together here. */
export class SequenceCells {
  readonly #cache: KvCache;

  constructor(cache: KvCache) {
    this.#cache = cache;
  }

  /**
   * Lets a generating sequence that has no room go on by dropping old tokens, where it was asked to. False where it
   * must end instead.
   */
  shift(sequence: SequenceState): boolean {
    const { work, shiftsContext, tokens } = sequence;
    if (!shiftsContext || work?.type !== 'generate') return false;
    const { from, count } = this.#cache.shift(sequence.cellsId);
    if (count === 0) return false;
    tokens.splice(from, count);
    sequence.decodedCount -= count;
    work.generation.countDropped(count);
    // Nothing was added, but what was guessed to follow is at another place now.
    sequence.speculator?.prompted(tokens, tokens.length);
    return true;
  }

  /** Drops the cells beyond `count` positions. */
  keepDecoded(sequence: SequenceState, count: number): void {
    const kept = Math.max(0, count);
    if (sequence.decodedCount <= kept) return;
    this.#cache.truncate(sequence.cellsId, kept);
    sequence.decodedCount = kept;
    sequence.ahead = null;
  }

  /**
   * Leaves the cells beyond `count` positions to others; a copy stays in host memory, where there is some, of what none of
   * the `live` ones holds as well. It has them back when its turn comes (`PreemptedCells`).
   */
  giveUp(
    sequence: SequenceState,
    { count, live }: { readonly count: number; readonly live: Iterable<PrefixHolder> },
  ): void {
    this.#cache.keepCopy(sequence.cellsId, count, live);
    this.keepDecoded(sequence, count);
    sequence.hasPreemptedCells = true;
  }

  /** The last token, which waited, was decoded: the next one is drawn from what was read there. */
  keepAhead(sequence: SequenceState, ahead: ReadAhead): void {
    this.#cache.extend(sequence.cellsId, 1);
    sequence.decodedCount += 1;
    sequence.ahead = ahead;
  }
}
