import { CodedError } from '../../../protocol/codedError.ts';

/** A text that a server wrote, as its client saw it come. Times are from the request on. */
export interface ServedText {
  readonly firstTokenMs: number;
  readonly lastTokenMs: number;
  readonly endMs: number;
  /** Tokens that came together with the first. */
  readonly firstTokenCount: number;
  readonly tokenCount: number;
}

/** Tokens per second after the first ones. Pure. */
export function decodeSpeed({ firstTokenMs, lastTokenMs, firstTokenCount, tokenCount }: ServedText): number {
  return (1000 * (tokenCount - firstTokenCount)) / (lastTokenMs - firstTokenMs);
}

/** Times the tokens of one request, which begins with the watch. */
export class TokenWatch {
  readonly #startMs = performance.now();
  #firstMs: number | null = null;
  #lastMs = 0;
  #firstCount = 0;
  #count = 0;

  /** So many tokens are there now. */
  see(count: number): void {
    if (count === 0) return;
    this.#lastMs = performance.now() - this.#startMs;
    if (this.#firstMs === null) {
      this.#firstMs = this.#lastMs;
      this.#firstCount = count;
    }
    this.#count += count;
  }

  /** The request is over. Throws `engine.failed` where no token came. */
  end(): ServedText {
    if (this.#firstMs === null) throw notMeasured('A request ended without a token');
    return {
      firstTokenMs: this.#firstMs,
      lastTokenMs: this.#lastMs,
      endMs: performance.now() - this.#startMs,
      firstTokenCount: this.#firstCount,
      tokenCount: this.#count,
    };
  }
}

/** Throws `engine.failed` where a text is shorter or longer than was asked for: its figures would be those of another request. */
export function requireTokens({ tokenCount }: ServedText, wanted: number): void {
  if (tokenCount !== wanted) throw notMeasured(`A request had ${tokenCount} tokens and not ${wanted}`);
}

function notMeasured(what: string): CodedError {
  return new CodedError(
    'engine.failed',
    `${what}, so nothing was measured.`,
    'Choose another model for this suite.',
  );
}
