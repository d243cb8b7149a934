import type { Prefill } from '../engine/engine.ts';

/** Time to read a token of a prompt before any was measured, as in the engine. */
const firstMsPerToken = 5;
/** Weight of the newest measurement against those before. */
const newestWeight = 0.3;
/** A shorter read says little of what many tokens cost. */
const leastMeasuredTokens = 32;

/** How fast a model reads prompts on this machine, from those that it has read. */
export class ReadingSpeed {
  #msPerToken: number;
  #fastestMsPerToken: number | null;

  /** `measuredMsPerToken` is what a token took when the model was measured on this machine at rest; null where it was not. */
  constructor(measuredMsPerToken: number | null = null) {
    this.#msPerToken = measuredMsPerToken ?? firstMsPerToken;
    this.#fastestMsPerToken = measuredMsPerToken;
  }

  note({ tokenCount, cachedTokenCount, durationMs }: Prefill): void {
    const tokens = tokenCount - cachedTokenCount;
    if (tokens < leastMeasuredTokens || durationMs <= 0) return;
    const measured = durationMs / tokens;
    const weight = this.#fastestMsPerToken === null ? 1 : newestWeight;
    this.#msPerToken += weight * (measured - this.#msPerToken);
    this.#fastestMsPerToken = Math.min(measured, this.#fastestMsPerToken ?? Infinity);
  }

  /** Tokens that are read within a time, as fast as lately. */
  within(durationMs: number): number {
    return durationMs / this.#msPerToken;
  }

  /**
   * Tokens that are read within a time at rest, as fast as the fastest prompt: a slower one was read beside other work. 0 before
   * any was measured.
   */
  withinAtRest(durationMs: number): number {
    return this.#fastestMsPerToken === null ? 0 : durationMs / this.#fastestMsPerToken;
  }
}
