import { batchTokens, chunkTokens, tileTokens, type RoundLimits } from './batchPlanner.ts';

/** Time a round of prompt tokens may take that nobody's next token waits for and nothing interrupts, and when one waits. */
const targetMs = 400;
const besideDecodeTargetMs = 100;
/** Cost assumed before any was measured, and weight in the running mean of a newest round of at least so many tokens. */
const firstMsPerToken = 5;
const newestWeight = 0.3;
const fullWeightTokens = 64;

/**
 * Most products of a prompt token, a token that it attends to and a width of the hidden state in one call: attention of
 * one layer is one node of the graph, and a decode can be aborted between two nodes. About 25 ms on two cores.
 */
const mostAttention = 320 * 1024 * 896;
/** Fewer tokens a call would cost more time than they save when a request is cancelled. */
const leastTokens = 64;

/** How many prompt tokens a round may take, from what the rounds before have cost. Pure. */
export class PrefillChunks {
  readonly #mostPairs: number;
  #msPerToken: number;

  /**
   * `hiddenSize` of the model; null where its graphs cannot be aborted between nodes, as on a GPU. `measuredMsPerToken` is what
   * a token took when the model was measured on this machine; null where it was not.
   */
  constructor(hiddenSize: number | null, measuredMsPerToken: number | null = null) {
    this.#mostPairs = hiddenSize === null ? Infinity : mostAttention / hiddenSize;
    this.#msPerToken = measuredMsPerToken ?? firstMsPerToken;
  }

  /** A decode call with prompt tokens in it: all its tokens, and milliseconds from its start to the end of its draws. */
  note(tokens: number, durationMs: number): void {
    // A call of few tokens says little of what many cost.
    const weight = newestWeight * Math.min(1, tokens / fullWeightTokens);
    this.#msPerToken += weight * (durationMs / tokens - this.#msPerToken);
  }

  /** Most tokens of a prompt in one call after so many that are decoded: with these, attention takes longer. */
  mostAt(decodedCount: number): number {
    if (this.#mostPairs === Infinity) return batchTokens;
    // Of t (n + t/2) pairs at most: each token attends to those before it.
    const tokens = Math.hypot(decodedCount, Math.sqrt(2 * this.#mostPairs)) - decodedCount;
    return Math.min(batchTokens, Math.max(leastTokens, Math.floor(tokens / tileTokens) * tileTokens));
  }

  get limits(): Pick<RoundLimits, 'prefillTokens' | 'prefillTokensBesideDecode'> {
    return {
      prefillTokens: chunkTokens(this.#msPerToken, targetMs, batchTokens),
      prefillTokensBesideDecode: chunkTokens(this.#msPerToken, besideDecodeTargetMs, batchTokens),
    };
  }
}

/**
 * Most prompt tokens of a call after one of so many that was aborted for interactive work: half, so that a prompt gets on
 * however often somebody types. Pure.
 */
export function callAfterAbort(tokens: number): number {
  return Math.max(tileTokens, Math.floor(tokens / 2 / tileTokens) * tileTokens);
}

/** The same after a call that finished: twice the bound there was. Pure. */
export function callAfterSuccess(callTokens: number): number {
  return Math.min(batchTokens, callTokens * 2);
}
