/** Share of the decode time that tries of losing drafts may cost. */
const budgetShare = 0.01;
/** Calls' worth of time that may be saved up, so that a long silence does not buy a burst of tries. */
const mostSavedCalls = 4;

/**
 * Time that may be spent to find out whether a draft that did not pay pays now: one hundredth of what decoding takes. So
 * a drafter that turns good is noticed, and one that stays bad costs no more than that.
 */
export class ProbeBudget {
  #savedMs = 0;

  /** A decode call took so long, at the plain cost `plainMs`. */
  earn(durationMs: number, plainMs: number): void {
    this.#savedMs = Math.min(this.#savedMs + budgetShare * durationMs, mostSavedCalls * plainMs);
  }

  /** Pays for a try that costs at most `lossMs` beyond plain decoding; false, and nothing is paid, when that is too much. */
  spend(lossMs: number): boolean {
    if (lossMs > this.#savedMs) return false;
    this.#savedMs -= lossMs;
    return true;
  }
}
