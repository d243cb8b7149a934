import type { FetchProgress } from '../../protocol/messages.ts';

/** Speed is taken over this much time, so that it follows a change within seconds and does not jitter. */
const windowMs = 4_000;
/** Shorter spans say more about buffers than about the network. */
const leastSpanMs = 300;

interface Sample {
  readonly timeMs: number;
  readonly bytes: number;
}

/** Bytes per second over the last few seconds, from samples of a running total. Time comes in with each sample. */
export class TransferRate {
  #samples: readonly Sample[] = [];

  /** Adds a sample and returns the speed, or null while too little time has passed to tell. */
  add(timeMs: number, bytes: number): number | null {
    const kept = this.#samples.filter((sample) => timeMs - sample.timeMs <= windowMs);
    this.#samples = [...kept, { timeMs, bytes }];
    const first = this.#samples[0];
    if (first === undefined || timeMs - first.timeMs < leastSpanMs) return null;
    return Math.max(0, ((bytes - first.bytes) * 1000) / (timeMs - first.timeMs));
  }
}

/** Time left in seconds, or null while the size or the speed is unknown or nothing moves. Pure. */
export function secondsLeft(progress: FetchProgress): number | null {
  const { totalBytes, doneBytes, bytesPerSecond } = progress;
  if (totalBytes === null || bytesPerSecond === null || bytesPerSecond <= 0) return null;
  return Math.max(0, totalBytes - doneBytes) / bytesPerSecond;
}
