import { cpus } from 'node:os';

/** Processor time spent since some fixed moment, in milliseconds. */
export interface ProcessorTimes {
  /** By all programs, on all cores together. */
  readonly busyMs: number;
  /** By this process. */
  readonly ownMs: number;
  /** Cores of the machine; 0 where the system does not say what they do. */
  readonly cores: number;
}

/** Milliseconds between two samples. A load is that of one to two such times. */
export const sampleEveryMs = 1_000;
/** The system counts in steps of up to 16 ms, so a shorter time says little. */
const leastMs = 400;
/** A sample this old says nothing of now. Samples are late where one decode call takes seconds, and a sleep is longer. */
const mostMs = 30 * sampleEveryMs;

interface Sample {
  readonly atMs: number;
  readonly times: ProcessorTimes;
}

/**
 * Cores that other programs leave free, from the processor times of the last one to two seconds: known before a decode
 * call, which would find out at the cost of its own time. Its owner calls `sample` every `sampleEveryMs`.
 */
export class MachineLoad {
  readonly #read: () => ProcessorTimes;
  readonly #now: () => number;
  #older: Sample | null = null;
  #newer: Sample | null = null;

  constructor(read: () => ProcessorTimes, now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  sample(): void {
    this.#older = this.#newer;
    this.#newer = { atMs: this.#now(), times: this.#read() };
  }

  /** All cores less what others used of them, not whole; null while it is unknown. Takes about 0.1 ms. */
  freeCores(): number | null {
    const nowMs = this.#now();
    const since = [this.#newer, this.#older].find(
      (sample) => sample !== null && nowMs - sample.atMs >= leastMs && nowMs - sample.atMs <= mostMs,
    );
    if (since === null || since === undefined || since.times.cores === 0) return null;
    const { busyMs, ownMs, cores } = this.#read();
    const othersMs = busyMs - since.times.busyMs - (ownMs - since.times.ownMs);
    return Math.min(cores, Math.max(0, cores - othersMs / (nowMs - since.atMs)));
  }
}

/** Processor time of this process so far, on all its threads, in milliseconds. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** What the system counts. Programs of low priority count as others do: how much less they get differs by system. */
export function systemProcessorTimes(): ProcessorTimes {
  const all = cpus();
  const busyMs = all.reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { busyMs, ownMs: ownProcessorMs(), cores: all.length };
}
