/** Where time comes from. The only source of it in the sidecar, so that a test can hold it still. */
export interface Clock {
  /** Milliseconds from some fixed moment; never goes back. For durations. */
  now(): number;
  /** The date and time, UTC. For what a reader sees. */
  date(): Date;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
};
