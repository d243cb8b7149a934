import { describe, expect, it } from 'vitest';
import { KvPreemption } from '../../../../../../sidecar/engine/llama/decoding/kvPreemption.ts';
import { idRun, LiveCells } from '../../../../../support/engine/liveCells.ts';

const contextTokens = 1024;

function prepared(hostBytes = 0): { readonly live: LiveCells; readonly kvPreemption: KvPreemption } {
  const live = new LiveCells(contextTokens, hostBytes);
  return { live, kvPreemption: new KvPreemption(live) };
}

describe('room for a prompt', () => {
  it('is taken from the end of the largest holder, as much as is missing but no crumbs', () => {
    const { live, kvPreemption } = prepared();
    const large = live.openWorking(idRun(1, 601));
    const small = live.openWorking(idRun(2, 301));
    expect(kvPreemption.forPrompt('interactive', 125)).toBe(true);
    expect([large.decodedCount, small.decodedCount]).toEqual([600 - 256, 300]);
    expect([large.hasPreemptedCells, small.hasPreemptedCells]).toEqual([true, false]);
    expect(kvPreemption.forPrompt('interactive', 700)).toBe(true);
    // 320 more were missing.
    expect([large.decodedCount, small.decodedCount]).toEqual([344 - 320, 300]);
    expect(live.native.usedCount).toBe(324);
    expect(live.answered.size).toBe(0);
  });

  it('is not taken from equals, nor from interactive sequences for a background one', () => {
    const { live, kvPreemption } = prepared();
    const background = live.open(idRun(1, 501));
    const interactive = live.open(idRun(2, 501), { priority: 'interactive' });
    expect(kvPreemption.forPrompt('background', 100)).toBe(false);
    expect([background.decodedCount, interactive.decodedCount]).toEqual([500, 500]);
    // Where all that may be had is not enough, what there was is gone, and comes back.
    expect(kvPreemption.forPrompt('interactive', 525)).toBe(false);
    expect(interactive.decodedCount).toBe(500);
  });

  it('is taken from a working branch before the idle one that shares all of its cells', () => {
    const { live, kvPreemption } = prepared();
    const parent = live.open(idRun(1, 301));
    const branch = live.openWorking([...idRun(1, 301), ...idRun(2, 300)], { from: parent });
    expect(branch.decodedCount).toBe(600);
    expect(kvPreemption.forPrompt('interactive', 500)).toBe(true);
    expect([parent.decodedCount, branch.decodedCount]).toEqual([300, 600 - 256]);
  });

  it('is taken from all branches of a prompt where that alone frees cells', () => {
    const { live, kvPreemption } = prepared();
    const first = live.openWorking(idRun(1, 801));
    const second = live.openWorking(idRun(1, 801), { from: first });
    expect(kvPreemption.forPrompt('interactive', 900)).toBe(true);
    expect(live.native.usedCount).toBeLessThanOrEqual(contextTokens - 900);
    expect([first.hasPreemptedCells, second.hasPreemptedCells]).toEqual([true, true]);
  });

  it('leaves copies in host memory, from which the same cells come back', () => {
    const { live, kvPreemption } = prepared(2 ** 20);
    const sequence = live.open(idRun(1, 601));
    expect(kvPreemption.forPrompt('interactive', 900)).toBe(true);
    expect(sequence.decodedCount).toBeLessThan(200);
    const others = { live: [], restores: true };
    expect(live.cache.reuse(sequence.cellsId, sequence.tokens.slice(0, -1), others)).toBe(600);
    expect(live.native.textOf(sequence.cellsId)).toEqual(sequence.tokens.slice(0, -1));
  });
});

describe('room for a round', () => {
  it('ends the largest of its class, once what is idle has given way, and takes nothing interactive', () => {
    const { live, kvPreemption } = prepared();
    const interactive = live.open(idRun(1, 201), { priority: 'interactive' });
    const idle = live.open(idRun(2, 101));
    const small = live.openWorking(idRun(3, 301));
    const large = live.openWorking(idRun(4, 401));
    kvPreemption.forRound('background', () => live.working().length * 50);
    expect(live.answered.size).toBe(0);
    expect([idle.decodedCount, large.decodedCount]).toEqual([0, 400]);
    // 124 cells are free now.
    kvPreemption.forRound('background', () => live.working().length * 150);
    expect([...live.answered]).toEqual([[large.id, 'context.exceeded']]);
    expect([small.decodedCount, live.cache.length(interactive.cellsId)]).toEqual([300, 200]);
  });
});
