import type { ThreadCounts } from './threadCount.ts';

/** One decode call without prompts. */
export interface DecodeCall {
  readonly endedMs: number;
  readonly durationMs: number;
  /** Tokens decoded in it: calls are compared with calls of the same size. */
  readonly tokens: number;
  readonly threads: number;
}

/**
 * A call this many times as long as the quickest of its size was held up by others: ggml's threads wait for each other
 * after every node, so that one that is not running stops all. Undisturbed calls spread by less than half of that.
 */
const disturbedFactor = 2.5;
/** So many disturbed calls in a row are not chance. */
const patience = 3;
/** How long fewer threads are kept before more are tried again; doubled each time that they are still disturbed. */
const firstRestMs = 5_000;
const longestRestMs = 60_000;
/** The user is taken to be typing for so long after a key. */
const typingMs = 2_000;
/** A quickest call fades by this much with each one of its size, so that a lucky one, or a shorter text, is forgotten. */
const fading = 1.002;

/**
 * Leaves a processor to others where they need it: threads are lowered by one while decode calls are measured to be
 * held up by other programs, and all tried again after a rest, though not while the user types. Prompts, which are worth
 * every processor, are lowered only while the user types. Pure: time comes with its calls.
 */
export class ThreadBackoff {
  readonly #full: ThreadCounts;
  readonly #lowered: ThreadCounts;
  readonly #quickestMs = new Map<number, number>();
  #disturbedInRow = 0;
  #undisturbedInRow = 0;
  #restMs = firstRestMs;
  /** Until when the lowered counts hold; null while they do not. */
  #loweredUntilMs: number | null = null;
  /** The first call on all threads after a rest decides at once: each disturbed one costs much. */
  #isProbing = false;

  /** `full` is what was measured to be fastest on an idle machine. */
  constructor(full: ThreadCounts) {
    this.#full = full;
    this.#lowered = { decode: Math.max(1, full.decode - 1), prefill: Math.max(1, full.prefill - 1) };
  }

  /** The counts for the next call; `sinceKeyMs` is the time since the user's last key, `Infinity` before any. */
  counts(nowMs: number, sinceKeyMs: number): ThreadCounts {
    const isTyping = sinceKeyMs < typingMs;
    if (this.#loweredUntilMs !== null && nowMs >= this.#loweredUntilMs && !isTyping) {
      this.#loweredUntilMs = null;
      this.#isProbing = true;
    }
    if (this.#loweredUntilMs === null) return this.#full;
    return { decode: this.#lowered.decode, prefill: isTyping ? this.#lowered.prefill : this.#full.prefill };
  }

  /** Learns from a call. Those on lowered counts say nothing about the full ones. */
  note(call: DecodeCall): void {
    if (call.threads !== this.#full.decode || this.#lowered.decode === this.#full.decode) return;
    const known = this.#quickestMs.get(call.tokens);
    this.#quickestMs.set(call.tokens, Math.min(call.durationMs, (known ?? Infinity) * fading));
    if (known === undefined) return;
    if (call.durationMs < disturbedFactor * known) {
      this.#disturbedInRow = 0;
      this.#undisturbedInRow += 1;
      this.#isProbing = false;
      if (this.#undisturbedInRow >= patience) this.#restMs = firstRestMs;
      return;
    }
    this.#undisturbedInRow = 0;
    this.#disturbedInRow += 1;
    if (this.#disturbedInRow < patience && !this.#isProbing) return;
    this.#restMs = this.#isProbing ? Math.min(2 * this.#restMs, longestRestMs) : firstRestMs;
    this.#loweredUntilMs = call.endedMs + this.#restMs;
    this.#disturbedInRow = 0;
    this.#isProbing = false;
  }
}
