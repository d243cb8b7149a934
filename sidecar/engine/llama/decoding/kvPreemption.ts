import type { KvCache } from '../cache/kvCache.ts';
import type { SequenceCells } from './sequenceCells.ts';
import type { SequenceState } from './sequenceState.ts';
import type { WorkAnswers } from './workAnswers.ts';
import { isBehind, nextToYield, type CellHolder, type CellRequest } from './preemptionOrder.ts';

export interface YieldDependencies {
  readonly cache: Pick<KvCache, 'makeRoom' | 'missing' | 'length' | 'sharedLength'>;
  readonly cells: Pick<SequenceCells, 'shift' | 'giveUp'>;
  readonly answers: Pick<WorkAnswers, 'endForWantOfCells'>;
  /** Every live sequence. */
  readonly live: () => Iterable<SequenceState>;
}

interface LiveHolder extends CellHolder {
  readonly sequence: SequenceState;
}

/**
 * Finds cells for work when they run out: retired prefixes go first, then live sequences are preempted as `nextToYield` says.
 * One on which nothing runs, or that waits for interactive work anyway, loses cells and no text: it has what they held back
 * when it goes on (`PreemptedCells`). One that runs in the same class drops old tokens where it was opened so, else it ends.
 *
 * Cells are taken from the end of the sequence that holds most alone: as many as are missing, so that little has to come back, but as
 * many at once as `KvCache.missing` says, so that a generation which wants one with each token does not cut off one each
 * time. Who was the largest is not any more then, so that the loss goes round. Nothing is taken back before all work of the
 * class that it was taken for is done, so that no two take turns in it.
 */
export class KvPreemption {
  readonly #dependencies: YieldDependencies;

  constructor(dependencies: YieldDependencies) {
    this.#dependencies = dependencies;
  }

  /** Room for a prompt that comes in: no work of its own class ends for it. False where there is none. */
  forPrompt(priority: SequenceState['priority'], count: number): boolean {
    while (!this.#dependencies.cache.makeRoom(count)) {
      const holder = this.#next({ priority, takesFromEquals: false });
      if (holder === null) return false;
      this.#takeCells(holder, count);
    }
    return true;
  }

  /** Room for the next decode, which needs `wanted()` tokens. It shrinks with each work of the round that ends. */
  forRound(priority: SequenceState['priority'], wanted: () => number): void {
    const request = { priority, takesFromEquals: true };
    while (!this.#dependencies.cache.makeRoom(wanted())) {
      const holder = this.#next(request);
      if (holder === null) throw new Error('Cells are wanted for a round that has no work.');
      const { sequence, isWorking } = holder;
      if (!isWorking || isBehind(holder, request)) this.#takeCells(holder, wanted());
      else if (!this.#dependencies.cells.shift(sequence))
        this.#dependencies.answers.endForWantOfCells(sequence);
    }
  }

  #next(request: CellRequest): LiveHolder | null {
    const { cache, live } = this.#dependencies;
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
    return nextToYield(holders, request);
  }

  /** Takes cells that nobody else holds, as many as are missing for `count`; where others hold all, its part of the shared ones. */
  #takeCells({ sequence, cells, soleCells }: LiveHolder, count: number): void {
    const { cache, live } = this.#dependencies;
    const least = soleCells > 0 ? cells - soleCells : 0;
    this.#dependencies.cells.giveUp(sequence, {
      count: Math.max(least, cells - cache.missing(count)),
      live: live(),
    });
  }
}
