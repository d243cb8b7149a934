import { describe, expect, it } from 'vitest';
import type { ThreadCounts } from '../../../../../../sidecar/engine/llama/decoding/threadCount.ts';
import { ThreadBackoff } from '../../../../../../sidecar/engine/llama/decoding/threadBackoff.ts';

const full: ThreadCounts = { decode: 4, prefill: 4 };

/** A machine whose decode calls take 20 ms on all threads, or 200 while a neighbour is at work; 25 on one fewer. */
class Machine {
  readonly backoff: ThreadBackoff;
  nowMs = 0;
  keyMs = -Infinity;
  hasNeighbour = false;

  constructor(counts: ThreadCounts = full) {
    this.backoff = new ThreadBackoff(counts);
  }

  get counts(): ThreadCounts {
    return this.backoff.counts(this.nowMs, this.nowMs - this.keyMs);
  }

  /** Decodes for so long, and returns the thread counts that were used, in order, without repeats. */
  decode(durationMs: number): readonly number[] {
    const used: number[] = [];
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs;) {
      const threads = this.counts.decode;
      if (used.at(-1) !== threads) used.push(threads);
      const callMs = threads < full.decode ? 25 : this.hasNeighbour ? 200 : 20;
      this.nowMs += callMs;
      this.backoff.note({ endedMs: this.nowMs, durationMs: callMs, tokens: 1, threads });
    }
    return used;
  }
}

describe('thread backoff', () => {
  it('uses every thread while nothing holds decoding up, also while the user types', () => {
    const machine = new Machine();
    machine.keyMs = 0;
    expect(machine.decode(1_000)).toEqual([4]);
    expect(machine.counts).toEqual(full);
  });

  it('gives a processor up when a neighbour holds decoding up, and takes it back when it has gone', () => {
    const machine = new Machine();
    machine.decode(500);
    machine.hasNeighbour = true;
    expect(machine.decode(2_000)).toEqual([4, 3]);
    machine.hasNeighbour = false;
    expect(machine.decode(10_000)).toEqual([3, 4]);
  });

  it('is not moved by a single slow call', () => {
    const machine = new Machine();
    machine.decode(500);
    machine.backoff.note({ endedMs: 501, durationMs: 300, tokens: 1, threads: 4 });
    expect(machine.decode(500)).toEqual([4]);
  });

  it('compares calls with those of the same size', () => {
    const machine = new Machine();
    machine.decode(500);
    for (let i = 0; i < 5; i++)
      machine.backoff.note({ endedMs: 600, durationMs: 120, tokens: 16, threads: 4 });
    expect(machine.counts.decode).toBe(4);
  });

  it('tries all threads more and more rarely while the neighbour stays', () => {
    const machine = new Machine();
    machine.decode(500);
    machine.hasNeighbour = true;
    const probes = machine.decode(120_000).filter((threads) => threads === 4).length;
    // The first time, and then after 5, 10, 20, 40 and 60 seconds.
    expect(probes).toBe(5);
  });

  it('tries nothing while the user types, and leaves prompts a processor less only then', () => {
    const machine = new Machine();
    machine.decode(500);
    machine.hasNeighbour = true;
    machine.decode(1_000);
    expect(machine.counts).toEqual({ decode: 3, prefill: 4 });
    machine.keyMs = machine.nowMs + 8_000;
    machine.nowMs += 8_001;
    expect(machine.counts).toEqual({ decode: 3, prefill: 3 });
    machine.nowMs += 2_000;
    expect(machine.counts).toEqual(full);
  });

  it('never goes below one thread', () => {
    const machine = new Machine({ decode: 1, prefill: 2 });
    for (let i = 0; i < 9; i++) {
      machine.backoff.note({ endedMs: i, durationMs: i === 0 ? 20 : 900, tokens: 1, threads: 1 });
    }
    expect(machine.counts).toEqual({ decode: 1, prefill: 2 });
  });
});
