/** Decode calls of up to so many tokens count as steps; longer ones say what catching up costs. */
const longestStepTokens = 4;
/** Weight of the newest call in a running mean. */
const newestWeight = 0.3;

/** What a draft model's decode calls cost, learnt from those that happen, reading their logits included. */
export class DraftCost {
  /** Running means by the tokens of a call. */
  readonly #stepsMs = new Map<number, number>();
  #catchUpMsPerToken: number | null = null;

  record(tokens: number, durationMs: number): void {
    if (tokens <= longestStepTokens) {
      const before = this.#stepsMs.get(tokens) ?? durationMs;
      this.#stepsMs.set(tokens, before + newestWeight * (durationMs - before));
      return;
    }
    const newest = durationMs / tokens;
    const before = this.#catchUpMsPerToken ?? newest;
    this.#catchUpMsPerToken = before + newestWeight * (newest - before);
  }

  /** Milliseconds a token of a long call takes; a step's until one was measured, which is more. */
  get catchUpMsPerToken(): number {
    return this.#catchUpMsPerToken ?? this.callMs(1);
  }

  /** Milliseconds that one decode call is expected to take; infinite before any was measured. */
  callMs(tokens: number): number {
    const stepMs = this.#stepMs(Math.min(tokens, longestStepTokens));
    return tokens <= longestStepTokens ? stepMs : Math.max(stepMs, tokens * this.catchUpMsPerToken);
  }

  /** The mean of this size, or in proportion to the nearest that was measured; infinite before any was. */
  #stepMs(tokens: number): number {
    let nearest: readonly [number, number] | null = null;
    for (const step of this.#stepsMs) {
      if (nearest === null || Math.abs(step[0] - tokens) < Math.abs(nearest[0] - tokens)) nearest = step;
    }
    return nearest === null ? Infinity : (nearest[1] * tokens) / nearest[0];
  }
}
