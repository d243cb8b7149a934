/** Where time comes from. The only source of it in the sidecar, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds from some fixed moment; never goes back. For durations. */
  now(): number;
  /** The date and time, UTC. For what a reader sees. */
  date(): Date;
  /** Calls once, when so many milliseconds have passed; returns what calls it off. Keeps no process alive. */
  after(delayMs: number, run: () => void): () => void;
}

/** Node's timers hold no more. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(delayMs, longestTimerMs)).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
