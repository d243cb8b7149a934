/** Confidence below which drafting stops at first, and the range that it moves in. */
const firstThreshold = 0.3;
const leastThreshold = 0.02;
const mostThreshold = 0.9;

/**
 * When a drafter that costs time stops: once the product of its confidences falls below a threshold, halved after a draft
 * that was wholly right and doubled after one that was not (LLMCad, arXiv 2309.04255).
 */
export class ConfidenceGate {
  #threshold = firstThreshold;

  get leastConfidence(): number {
    return this.#threshold;
  }

  /** A draft was verified. */
  settle(wasWhollyRight: boolean): void {
    const next = this.#threshold * (wasWhollyRight ? 0.5 : 2);
    this.#threshold = Math.min(Math.max(next, leastThreshold), mostThreshold);
  }
}
