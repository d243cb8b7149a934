import type { Model, Prefill } from '../engine/engine.ts';

/** How long parts of other files may take to read while nobody types. */
const restSeconds = 1;
/** Fewer new tokens say nothing: the call itself takes as long. */
const leastMeasured = 32;
/**
 * Tokens that are read however slow the machine is, and before anything was measured: fewer hold next to nothing, and a key
 * stops the reading anyway.
 */
const leastTokens = 256;

/**
 * How fast each model reads prompts on this machine. The fastest prompt counts: a slower one was read beside other work, which
 * says nothing of a moment of rest.
 */
export class ReadingSpeed {
  readonly #tokensPerSecond = new WeakMap<Model, number>();

  note(model: Model, { tokenCount, cachedTokenCount, durationMs }: Prefill): void {
    const count = tokenCount - cachedTokenCount;
    if (count < leastMeasured || durationMs <= 0) return;
    const measured = (count / durationMs) * 1000;
    this.#tokensPerSecond.set(model, Math.max(measured, this.#tokensPerSecond.get(model) ?? 0));
  }

  /** Tokens of other files that the model may read at rest: what takes about a second, and no fewer than a few. */
  tokensAtRest(model: Model): number {
    return Math.max(leastTokens, (this.#tokensPerSecond.get(model) ?? 0) * restSeconds);
  }
}
