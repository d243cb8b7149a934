import { describe, expect, it } from 'vitest';
import { ThreadBackoff } from '../../../../../../sidecar/engine/llama/decoding/threadBackoff.ts';
import type { ThreadCounts } from '../../../../../../sidecar/engine/llama/decoding/threadCount.ts';

const full: ThreadCounts = { decode: 4, prefill: 4 };

/** A machine of four cores, on which a call takes 80 ms of processor time, and as many slices of others as there are. */
class Machine {
  readonly backoff: ThreadBackoff;
  nowMs = 0;
  /** Programs that compute all the time. */
  neighbours = 0;
  /** What the system says of them; null where it says nothing. */
  isLoadKnown = true;

  constructor(counts: ThreadCounts = full) {
    this.backoff = new ThreadBackoff(counts);
  }

  get counts(): ThreadCounts {
    const freeCores = this.isLoadKnown ? Math.max(0, 4 - this.neighbours) : null;
    return this.backoff.counts(this.nowMs, freeCores);
  }

  call(threads: number, { durationMs, processorMs }: { durationMs: number; processorMs: number }): void {
    this.nowMs += durationMs;
    this.backoff.note({ endedMs: this.nowMs, durationMs, processorMs, threads });
  }

  /** Decodes for so long, and returns the thread counts that were used, in order, without repeats. */
  decode(durationMs: number): readonly number[] {
    const used: number[] = [];
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs;) {
      const threads = this.counts.decode;
      if (used.at(-1) !== threads) used.push(threads);
      const isDisturbed = threads > 1 && threads + this.neighbours > 4;
      const callMs = isDisturbed ? 1_000 : 80 / threads;
      const share = isDisturbed ? 4 / (threads + this.neighbours) : 1;
      this.call(threads, { durationMs: callMs, processorMs: callMs * threads * share });
    }
    return used;
  }
}

describe('thread backoff', () => {
  it('uses every thread while nothing holds decoding up', () => {
    const machine = new Machine();
    expect(machine.decode(1_000)).toEqual([4]);
    expect(machine.counts).toEqual(full);
  });

  it.each([
    [1, 3],
    [3, 1],
    [8, 1],
  ])('with %i busy neighbours the first call has %i threads, prompts too', (neighbours, threads) => {
    const machine = new Machine();
    machine.neighbours = neighbours;
    expect(machine.counts).toEqual({ decode: threads, prefill: threads });
    machine.neighbours = 0;
    expect(machine.counts).toEqual(full);
  });

  it('counts a core that others use little as free', () => {
    const { backoff } = new Machine();
    expect(backoff.counts(0, 3.6).decode).toBe(4);
    expect(backoff.counts(0, 3.4).decode).toBe(3);
  });

  it('learns of neighbours from the first call that they hold up, and is back when they have gone', () => {
    const machine = new Machine();
    machine.isLoadKnown = false;
    machine.neighbours = 4;
    expect(machine.decode(2_500)).toEqual([4, 2, 1]);
    machine.neighbours = 0;
    expect(machine.decode(10_000)).toEqual([1, 4]);
  });

  it('tries all threads more and more rarely where the load does not show what holds them up', () => {
    const machine = new Machine();
    machine.isLoadKnown = false;
    machine.neighbours = 1;
    const probes = machine.decode(240_000).filter((threads) => threads === 4).length;
    // The first time, and then after 2, 4, 8, 16, 32, 60, 60 seconds.
    expect(probes).toBe(8);
  });

  it('is not moved by a single slow call, or by what building the graph of a small model takes', () => {
    const machine = new Machine();
    machine.call(4, { durationMs: 60, processorMs: 60 });
    expect(machine.counts).toEqual(full);
    machine.call(4, { durationMs: 20, processorMs: 80 });
    for (let i = 0; i < 100; i++) machine.call(4, { durationMs: 4, processorMs: 6 });
    expect(machine.counts).toEqual(full);
  });

  it('adds up what short calls lose in a row', () => {
    const machine = new Machine();
    machine.call(4, { durationMs: 60, processorMs: 90 });
    expect(machine.counts).toEqual(full);
    machine.call(4, { durationMs: 60, processorMs: 90 });
    expect(machine.counts.decode).toBe(1);
  });

  it('never goes below one thread', () => {
    const machine = new Machine({ decode: 1, prefill: 2 });
    for (let i = 0; i < 9; i++) machine.call(1, { durationMs: 900, processorMs: 10 });
    expect(machine.counts).toEqual({ decode: 1, prefill: 2 });
    machine.call(2, { durationMs: 900, processorMs: 10 });
    expect(machine.counts).toEqual({ decode: 1, prefill: 1 });
  });
});
