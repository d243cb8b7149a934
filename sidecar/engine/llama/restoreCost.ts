/** Weight of the newest measurement in a running mean. */
const newestWeight = 0.3;

/**
 * Whether bringing cells back from outside the KV cache beats decoding their tokens anew, by what both were measured
 * to cost with this model on this machine. Pure.
 */
export class RestoreCost {
  #prefillMsPerToken: number | null = null;
  #restoreMsPerToken: number | null = null;

  /** Milliseconds per prompt token; null before any was measured. */
  get prefillMsPerToken(): number | null {
    return this.#prefillMsPerToken;
  }

  /** Milliseconds per restored token; null before any was measured. */
  get restoreMsPerToken(): number | null {
    return this.#restoreMsPerToken;
  }

  notePrefill(tokens: number, durationMs: number): void {
    this.#prefillMsPerToken = mean(this.#prefillMsPerToken, tokens, durationMs);
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
