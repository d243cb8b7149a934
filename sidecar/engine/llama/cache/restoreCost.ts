/** Weight of the newest measurement in a running mean. */
const newestWeight = 0.3;
/**
 * Prompt calls after which it is tried again whether bringing back pays: at a hundred tokens a call, a text of 500 tokens
 * brought back five times slower than decoded costs an eighth of what they do, and a busy disk is seldom that slow for long.
 */
const callsBeforeRetry = 200;

/**
 * Whether bringing cells back from outside the KV cache beats decoding their tokens anew, by what both were measured
 * to cost with this model on this machine. Where it does not, it is tried again at a bounded cost. Pure.
 */
export class RestoreCost {
  #prefillMsPerToken: number | null = null;
  #restoreMsPerToken: number | null = null;
  /** Prompt calls since bringing back was found not to pay. */
  #callsWithout = 0;

  /** Milliseconds per restored token; null before any was measured, and when it is to be measured anew. */
  get restoreMsPerToken(): number | null {
    return this.#restoreMsPerToken;
  }

  notePrefill(tokens: number, durationMs: number): void {
    this.#prefillMsPerToken = mean(this.#prefillMsPerToken, tokens, durationMs);
    if (this.restorePays) {
      this.#callsWithout = 0;
      return;
    }
    this.#callsWithout += 1;
    if (this.#callsWithout < callsBeforeRetry) return;
    this.#callsWithout = 0;
    this.#restoreMsPerToken = null;
  }

  noteRestore(tokens: number, durationMs: number): void {
    this.#restoreMsPerToken = mean(this.#restoreMsPerToken, tokens, durationMs);
  }

  /** The state of cells was copied out: the best guess at what bringing them back costs, as long as none came back. */
  noteSave(tokens: number, durationMs: number): void {
    this.#restoreMsPerToken ??= mean(null, tokens, durationMs);
  }

  /** What was measured decides; where one side is unknown, restoring is tried, which measures it. */
  get restorePays(): boolean {
    if (this.#prefillMsPerToken === null || this.#restoreMsPerToken === null) return true;
    return this.#restoreMsPerToken < this.#prefillMsPerToken;
  }
}

function mean(before: number | null, tokens: number, durationMs: number): number | null {
  if (tokens <= 0) return before;
  const perToken = durationMs / tokens;
  return before === null ? perToken : before + newestWeight * (perToken - before);
}
