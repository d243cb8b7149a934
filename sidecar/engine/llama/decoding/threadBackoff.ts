import type { ThreadCounts } from './threadCount.ts';

/** One decode call, with prompts or without. */
export interface DecodeCall {
  /** When it ended, by the process's monotonic clock (`now` of ComputeThreads), in milliseconds. */
  readonly endedMs: number;
  readonly durationMs: number;
  /** Processor time that this process spent meanwhile, on all its threads, in milliseconds. */
  readonly processorMs: number;
  readonly threads: number;
}

/**
 * ggml's threads wait for each other after every node of the graph, and they wait awake: undisturbed they spend as much
 * processor time as passes. Calls that got so many cores less were held up: a neighbour takes half of a core that it
 * shares.
 */
const lostCores = 0.4;
/** Less time than this, lost in a call, is that of building the graph. A time slice of the scheduler is longer. */
const leastLostMs = 3;
/** So much time must be lost in disturbed calls in a row. A long call decides at once, and a short one may be chance. */
const patienceMs = 50;
/** A core that is used this little by others counts as free. */
const sharedCore = 0.5;
/** How long fewer threads are kept after disturbed calls; doubled each time that all are still disturbed afterwards. */
const firstRestMs = 2_000;
const longestRestMs = 60_000;
/** Undisturbed calls on all threads, after which a rest is short again. */
const undisturbedCalls = 3;

/**
 * Leaves processors to others where they need them. Where two of ggml's threads share a core with another program, every
 * node waits for a time slice of the scheduler: a call takes up to fifty times as long, while fewer threads that have
 * a core each take as long as they are fewer. Before a call the load of the machine decides; during it, what the threads
 * got of the time. Prompts are lowered as well, since their calls wait after every node, too. Pure: time comes with its calls.
 */
export class ThreadBackoff {
  readonly #full: ThreadCounts;
  #limit = Infinity;
  #limitedUntilMs = -Infinity;
  #restMs = firstRestMs;
  #lostMs = 0;
  #undisturbedInRow = undisturbedCalls;

  /** `full` is what was measured to be fastest on an idle machine. */
  constructor(full: ThreadCounts) {
    this.#full = full;
  }

  /** The counts for the next call. `freeCores` is what others leave of the machine's; null where that is unknown. */
  counts(nowMs: number, freeCores: number | null): ThreadCounts {
    if (nowMs >= this.#limitedUntilMs) this.#limit = Infinity;
    const free = freeCores === null ? Infinity : Math.floor(freeCores + sharedCore);
    const most = Math.max(1, Math.min(this.#limit, free));
    return { decode: Math.min(this.#full.decode, most), prefill: Math.min(this.#full.prefill, most) };
  }

  /** Learns from a call. A single thread waits for nobody. */
  note({ endedMs, durationMs, processorMs, threads }: DecodeCall): void {
    if (threads < 2 || durationMs <= 0) return;
    const lostMs = durationMs - processorMs / threads;
    if (lostMs < Math.max(leastLostMs, (lostCores / threads) * durationMs)) {
      this.#lostMs = 0;
      if (threads >= Math.min(this.#full.decode, this.#full.prefill)) this.#undisturbedInRow += 1;
      if (this.#undisturbedInRow >= undisturbedCalls) this.#restMs = firstRestMs;
      return;
    }
    this.#lostMs += lostMs;
    if (this.#lostMs < patienceMs) return;
    // Again, before all threads were seen undisturbed: the load of the machine does not show what holds them up.
    if (this.#undisturbedInRow < undisturbedCalls) this.#restMs = Math.min(2 * this.#restMs, longestRestMs);
    this.#undisturbedInRow = 0;
    this.#lostMs = 0;
    // What they got of the cores, in whole ones.
    this.#limit = Math.max(1, Math.min(threads - 1, Math.floor(processorMs / durationMs)));
    this.#limitedUntilMs = endedMs + this.#restMs;
  }
}
