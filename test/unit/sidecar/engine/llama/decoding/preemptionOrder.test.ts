import { describe, expect, it } from 'vitest';
import {
  type CellHolder,
  nextToYield,
} from '../../../../../../sidecar/engine/llama/decoding/preemptionOrder.ts';

function holder(id: number, changes: Partial<CellHolder> = {}): CellHolder {
  return { id, priority: 'background', isWorking: true, cells: 100, soleCells: 100, ...changes };
}
const forRound = (priority: CellHolder['priority']) => ({ priority, takesFromEquals: true });
const forPrompt = (priority: CellHolder['priority']) => ({ priority, takesFromEquals: false });

describe('nextToYield', () => {
  it('takes from background sequences before interactive ones, however much these hold', () => {
    const large = holder(1, { priority: 'interactive', isWorking: false, cells: 900, soleCells: 900 });
    expect(nextToYield([large, holder(2)], forRound('interactive'))?.id).toBe(2);
  });

  it('never takes from an interactive sequence for a background one', () => {
    const interactive = [
      holder(1, { priority: 'interactive', cells: 900, soleCells: 900 }),
      holder(2, { priority: 'interactive', isWorking: false, cells: 900, soleCells: 900 }),
    ];
    expect(nextToYield(interactive, forRound('background'))).toBeNull();
    expect(
      nextToYield([...interactive, holder(3, { cells: 0, soleCells: 0 })], forRound('background'))?.id,
    ).toBe(3);
  });

  it('takes from those on which nothing runs first, as far as that frees cells', () => {
    const idle = holder(1, { isWorking: false, cells: 20, soleCells: 5 });
    expect(nextToYield([idle, holder(2)], forRound('background'))?.id).toBe(1);
    expect(nextToYield([{ ...idle, soleCells: 0 }, holder(2)], forRound('background'))?.id).toBe(2);
  });

  it('takes from no idle one that shares all of its cells before working ones that hold some alone', () => {
    const sharer = holder(1, { isWorking: false, cells: 300, soleCells: 0 });
    const working = holder(2, { cells: 340, soleCells: 40 });
    expect(nextToYield([sharer, working], forPrompt('interactive'))?.id).toBe(2);
    const idle = holder(3, { isWorking: false, cells: 5, soleCells: 5 });
    expect(nextToYield([sharer, working, idle], forPrompt('interactive'))?.id).toBe(3);
    // Where nobody holds any alone, all have to give up what they share.
    expect(nextToYield([{ ...working, soleCells: 0 }, sharer], forPrompt('interactive'))?.id).toBe(1);
  });

  it('takes from the one that holds most alone, and among equals from the newest', () => {
    const forks = [
      holder(1, { cells: 500, soleCells: 10 }),
      holder(2, { cells: 400, soleCells: 40 }),
      holder(3, { cells: 400, soleCells: 20 }),
    ];
    expect(nextToYield(forks, forRound('background'))?.id).toBe(2);
    expect(nextToYield([holder(4), holder(6), holder(5)], forRound('background'))?.id).toBe(6);
  });

  it('ends no work of its own class for a prompt that comes in', () => {
    const equal = holder(1, { priority: 'interactive' });
    expect(nextToYield([equal], forPrompt('interactive'))).toBeNull();
    expect(nextToYield([equal, holder(2)], forPrompt('interactive'))?.id).toBe(2);
    expect(nextToYield([holder(2)], forPrompt('background'))).toBeNull();
  });

  it('takes cells from background sequences that share them among each other', () => {
    const parts = [1, 2].map((id) => holder(id, { isWorking: false, soleCells: 0 }));
    expect(nextToYield(parts, forPrompt('interactive'))?.id).toBe(2);
    const empty = parts.map((part) => ({ ...part, cells: 0 }));
    expect(nextToYield(empty, forPrompt('interactive'))).toBeNull();
  });
});
