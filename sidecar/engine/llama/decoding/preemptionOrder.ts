import type { SequenceOptions } from '../../engine.ts';

/** A live sequence as one that cells can be had from. */
export interface CellHolder {
  /** Ascending in the order of opening. */
  readonly id: number;
  readonly priority: SequenceOptions['priority'];
  readonly isWorking: boolean;
  /** Cells that it holds, and those of them that nobody else does. */
  readonly cells: number;
  readonly soleCells: number;
}

/** For whom cells are wanted. */
export interface CellRequest {
  readonly priority: SequenceOptions['priority'];
  /** Whether sequences of the same priority are preempted, too. */
  readonly takesFromEquals: boolean;
}

/**
 * The sequence that is preempted next when no retired prefix is left: background ones before interactive ones, and never an
 * interactive one for a background one; of one priority those that hold cells alone, for what others hold too frees nothing
 * until all of them give it up; of those the ones on which nothing runs, then the one that holds most cells alone, then
 * the one opened last. Null where none may. Pure.
 */
export function nextToYield<T extends CellHolder>(holders: Iterable<T>, request: CellRequest): T | null {
  let next: T | null = null;
  for (const holder of holders) {
    if (mayBeTakenFrom(holder, request) && (next === null || givesWayBefore(holder, next))) next = holder;
  }
  return next;
}

/** Whether a sequence goes after those for whom the cells are wanted, whatever it is doing. */
export function isBehind(
  { priority }: Pick<CellHolder, 'priority'>,
  request: Pick<CellRequest, 'priority'>,
): boolean {
  return priority === 'background' && request.priority === 'interactive';
}

function mayBeTakenFrom(holder: CellHolder, request: CellRequest): boolean {
  if (isBehind(holder, request)) return holder.cells > 0;
  if (holder.priority !== request.priority || !request.takesFromEquals) return false;
  // What runs wants cells itself, which are spared when it ends.
  return holder.isWorking || holder.soleCells > 0;
}

function givesWayBefore(a: CellHolder, b: CellHolder): boolean {
  if (a.priority !== b.priority) return a.priority === 'background';
  if (a.soleCells > 0 !== b.soleCells > 0) return a.soleCells > 0;
  if (a.isWorking !== b.isWorking) return !a.isWorking;
  if (a.soleCells !== b.soleCells) return a.soleCells > b.soleCells;
  if (a.cells !== b.cells) return a.cells > b.cells;
  return a.id > b.id;
}
