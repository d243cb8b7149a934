import { describe, expect, it } from 'vitest';
import {
  PreemptedCells,
  sharedAhead,
  waitingTokens,
} from '../../../../../../sidecar/engine/llama/decoding/preemptedCells.ts';
import type { SequenceState } from '../../../../../../sidecar/engine/llama/decoding/sequenceState.ts';
import { idRun, LiveCells } from '../../../../../support/engine/liveCells.ts';

const prompt = idRun(1, 300);
const branchesOf = (...seeds: readonly number[]) => seeds.map((seed) => [...prompt, ...idRun(seed, 21)]);

/** Working sequences that gave up everything, in a context that has room for one prompt alone. */
function lost(texts: readonly (readonly number[])[], hostBytes = 0) {
  const live = new LiveCells(512, hostBytes);
  const sequences = texts.map((tokens, i) => {
    const [first] = live.live();
    return live.openWorking(tokens, i > 0 && first !== undefined ? { from: first } : {});
  });
  for (const sequence of sequences) live.cells.giveUp(sequence, { count: 0, live: live.live() });
  return { live, sequences, preemptedCells: new PreemptedCells(live) };
}

function nth(sequences: readonly SequenceState[], index: number): SequenceState {
  const sequence = sequences[index];
  if (sequence === undefined) throw new Error(`There is no sequence ${index}.`);
  return sequence;
}

describe('cells that were lost', () => {
  it('are decoded by one of the branches that share a prompt, and shared by the others', () => {
    const { live, sequences, preemptedCells } = lost(branchesOf(2, 3));
    const [first, second] = [nth(sequences, 0), nth(sequences, 1)];
    preemptedCells.bringBack();
    expect(sequences.map((sequence) => preemptedCells.waits(sequence))).toEqual([false, true]);
    live.decode(first, 200);
    preemptedCells.bringBack();
    expect([second.decodedCount, preemptedCells.waits(second)]).toEqual([200, true]);
    live.decode(first, 120);
    preemptedCells.bringBack();
    expect([...live.answered]).toEqual([[first.id, 'prefilled']]);
    expect([second.decodedCount, preemptedCells.waits(second)]).toEqual([300, false]);
    live.decode(second, 20);
    preemptedCells.bringBack();
    expect(live.answered.get(second.id)).toBe('prefilled');
    expect(live.native.usedCount).toBe(340);
    expect(sequences.map(({ hasPreemptedCells }) => hasPreemptedCells)).toEqual([false, false]);
  });

  it('come back from host memory without being decoded, and a prompt that is whole again is answered', () => {
    const { live, sequences, preemptedCells } = lost([idRun(4, 400)], 2 ** 20);
    const sequence = nth(sequences, 0);
    expect(live.cache.length(sequence.cellsId)).toBe(0);
    preemptedCells.bringBack();
    expect([sequence.decodedCount, live.answered.get(sequence.id)]).toEqual([399, 'prefilled']);
    expect(live.native.textOf(sequence.cellsId)).toEqual(sequence.tokens.slice(0, -1));
  });

  it('stay away from background sequences while there is interactive work', () => {
    const { live, sequences, preemptedCells } = lost([idRun(4, 400)], 2 ** 20);
    const interactive = live.openWorking(idRun(5, 50), { priority: 'interactive' });
    preemptedCells.bringBack();
    expect(nth(sequences, 0).decodedCount).toBe(0);
    interactive.work = null;
    preemptedCells.bringBack();
    expect(nth(sequences, 0).decodedCount).toBe(399);
  });
});

describe('what is shared ahead', () => {
  it('lets the later of two branches wait for the earlier, and both for one that lost nothing', () => {
    const { live, sequences } = lost(branchesOf(2, 3));
    const [first, second] = [nth(sequences, 0), nth(sequences, 1)];
    expect([sharedAhead(first, sequences), sharedAhead(second, sequences)]).toEqual([0, 300]);
    const fresh = live.openWorking(prompt);
    const works = [...sequences, fresh];
    // Its last token waits for the step that needs its logits.
    expect(works.map((sequence) => sharedAhead(sequence, works))).toEqual([299, 300, 0]);
  });

  it('counts once among the tokens that wait, but not for prompts that do not wait for each other', () => {
    const { sequences } = lost(branchesOf(2, 3, 4));
    expect(waitingTokens(sequences)).toBe(300 + 3 * 21);
    for (const sequence of sequences) sequence.hasPreemptedCells = false;
    expect(waitingTokens(sequences)).toBe(3 * 321);
    for (const sequence of sequences) sequence.work = null;
    expect(waitingTokens(sequences)).toBe(0);
  });
});
