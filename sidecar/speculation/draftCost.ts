import { BatchCost } from './batchCost.ts';

/** Decode calls of up to so many tokens count as steps; longer ones say what catching up costs. */
export const longestStepTokens = 4;
/** Weight of the newest long call in the running mean. */
const newestWeight = 0.3;
/** Drafts that a text caught up with once is taken to serve: a short answer's worth. */
const draftsServed = 32;
/** Tokens that every draft has to catch up with: the one drawn last, and its own last when all were accepted. */
const usualTokens = 2;

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
    return this.#catchUpMsPerToken ?? this.#stepMs(1);
  }

  /**
   * Milliseconds that a draft of `tokens` is expected to take where `unseen` tokens are to be decoded before it. What
   * lies beyond the usual two is spread over the drafts that follow: it is paid once. Infinite before any step is known.
   */
  draftMs(unseen: number, tokens: number): number {
    const stepMs = this.#stepMs(1);
    if (stepMs === Infinity) return Infinity;
    const usualMs = this.#stepMs(Math.min(unseen, usualTokens));
    const onceMs = Math.max(0, unseen - usualTokens) * this.catchUpMsPerToken;
    return usualMs + (tokens - 1) * stepMs + onceMs / draftsServed;
  }

  #stepMs(tokens: number): number {
    return this.#steps.expectedMs(tokens) ?? Infinity;
  }
}
