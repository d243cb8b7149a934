import { BatchCost } from './batchCost.ts';

/** Decode calls of up to so many tokens count as steps; longer ones say what catching up costs. */
const longestStepTokens = 4;
/** Weight of the newest long call in the running mean. */
const newestWeight = 0.3;

/** What a draft model's decode calls cost, learnt from those that happen, reading their logits included. */
export class DraftCost {
  readonly #steps = new BatchCost();
  #catchUpMsPerToken: number | null = null;

  record(tokens: number, durationMs: number): void {
    if (tokens <= longestStepTokens) {
      this.#steps.record(tokens, durationMs);
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
    const stepMs = this.#steps.expectedMs(Math.min(tokens, longestStepTokens)) ?? Infinity;
    return tokens <= longestStepTokens ? stepMs : Math.max(stepMs, tokens * this.catchUpMsPerToken);
  }
}
