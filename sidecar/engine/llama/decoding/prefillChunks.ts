import { chunkTokens, type RoundLimits } from './batchPlanner.ts';

/** Time a round of prompt tokens may take that nobody's next token waits for and nothing interrupts, and when one waits. */
const targetMs = 400;
const besideDecodeTargetMs = 100;
/** Cost assumed before any was measured, and weight of the newest round in the running mean. */
const firstMsPerToken = 5;
const newestWeight = 0.3;

/** How many prompt tokens a round may take, from what the rounds before have cost. Pure. */
export class PrefillChunks {
  readonly #batchTokens: number;
  #msPerToken = firstMsPerToken;

  /** `batchTokens`: most tokens of one decode call. */
  constructor(batchTokens: number) {
    this.#batchTokens = batchTokens;
  }

  /** A decode call with prompt tokens in it: all its tokens, and milliseconds from its start to the end of its draws. */
  note(tokens: number, durationMs: number): void {
    this.#msPerToken += newestWeight * (durationMs / tokens - this.#msPerToken);
  }

  get limits(): Pick<RoundLimits, 'prefillTokens' | 'prefillTokensBesideDecode'> {
    return {
      prefillTokens: chunkTokens(this.#msPerToken, targetMs, this.#batchTokens),
      prefillTokensBesideDecode: chunkTokens(this.#msPerToken, besideDecodeTargetMs, this.#batchTokens),
    };
  }
}
