import type { KvCache } from '../cache/kvCache.ts';
import type { SequenceCells } from './sequenceCells.ts';
import type { SequenceState } from './sequenceState.ts';
import type { WorkAnswers } from './workAnswers.ts';
import { isBehind, nextToYield, type CellHolder, type CellWish } from './yieldOrder.ts';

export interface YieldParts {
  readonly cache: Pick<KvCache, 'makeRoom' | 'length' | 'sharedLength'>;
  readonly cells: Pick<SequenceCells, 'shift' | 'keepDecoded'>;
  readonly answers: Pick<WorkAnswers, 'endForWantOfCells'>;
  /** Every live sequence. */
  readonly live: () => Iterable<SequenceState>;
}

interface LiveHolder extends CellHolder {
  readonly sequence: SequenceState;
}

/**
 * Finds cells for work when they run out: retired prefixes go first, then live sequences give way as `nextToYield` says.
 * One on which nothing runs, or that waits for interactive work anyway, loses cells and no text: what they held is
 * decoded again when it goes on. One that runs in the same class drops old tokens where it was opened so, else it ends.
 */
export class CellYield {
  readonly #parts: YieldParts;

  constructor(parts: YieldParts) {
    this.#parts = parts;
  }

  /** Room for a prompt that comes in: no work of its own class ends for it. False where there is none. */
  forPrompt(priority: SequenceState['priority'], count: number): boolean {
    while (!this.#parts.cache.makeRoom(count)) {
      const holder = this.#next({ priority, takesFromEquals: false });
      if (holder === null) return false;
      this.#takeCells(holder);
    }
    return true;
  }

  /** Room for the next decode, of which `wanted` tells the tokens. It shrinks with each work of the round that ends. */
  forRound(priority: SequenceState['priority'], wanted: () => number): void {
    const wish = { priority, takesFromEquals: true };
    while (!this.#parts.cache.makeRoom(wanted())) {
      const holder = this.#next(wish);
      if (holder === null) throw new Error('Cells are wanted for a round that has no work.');
      const { sequence, isWorking } = holder;
      if (!isWorking || isBehind(holder, wish)) this.#takeCells(holder);
      else if (!this.#parts.cells.shift(sequence)) this.#parts.answers.endForWantOfCells(sequence);
    }
  }

  #next(wish: CellWish): LiveHolder | null {
    const { cache, live } = this.#parts;
    const holders = Array.from(live(), (sequence): LiveHolder => {
      const cells = cache.length(sequence.cellsId);
      const soleCells = cells - cache.sharedLength(sequence.cellsId);
      return {
        sequence,
        id: sequence.id,
        priority: sequence.priority,
        isWorking: sequence.work !== null,
        cells,
        soleCells,
      };
    });
    return nextToYield(holders, wish);
  }

  /** What nobody else holds; where others hold all of it, its part in that. */
  #takeCells({ sequence, cells, soleCells }: LiveHolder): void {
    this.#parts.cells.keepDecoded(sequence, soleCells > 0 ? cells - soleCells : 0);
  }
}
