import { cueTokens, extraThoughtTokens, thoughtLimit, type CandidateLimits } from './candidateLimits.ts';

/** Thought tokens between two trial answers at least: a trial costs a tenth to a half of that. Our choice. */
export const trialSpacingTokens = 48;
/** Tokens behind the spacing within which a sentence may end, which is where a trial is made. */
const trialGraceTokens = 32;

/** The stop rules of the next stretch of a thought. */
export interface ThoughtStretch {
  readonly maxTokens: number;
  readonly softLimit: { readonly tokens: number; readonly graceTokens: number };
  /** Whether its soft limit is a place to try an answer, and not the thought's cap. */
  readonly endsInPause: boolean;
}

/**
 * How much longer one thought may get: its cap, what is left beside the cap for a user who asks for more, and where
 * it pauses for trial answers. Pure bookkeeping in tokens; the caller says how many are written.
 */
export class ThoughtAllowance {
  readonly #thoughtTokens: number;
  #capTokens: number;
  #spareTokens: number;
  #pauses: boolean;

  constructor(
    { thoughtTokens, spareTokens }: Pick<CandidateLimits, 'thoughtTokens' | 'spareTokens'>,
    { pauses }: { readonly pauses: boolean },
  ) {
    this.#thoughtTokens = thoughtTokens;
    this.#capTokens = thoughtTokens;
    this.#spareTokens = spareTokens;
    this.#pauses = pauses;
  }

  /** Behind so many written tokens. A thought that pauses ends where one would that does not; near there it does not. */
  stretch(writtenTokens: number): ThoughtStretch {
    const left = this.#capTokens - writtenTokens;
    if (!this.#pauses) return { ...thoughtLimit(left), endsInPause: false };
    const { tokens, graceTokens } = thoughtLimit(this.#capTokens).softLimit;
    const tokensToEnd = Math.max(0, tokens - writtenTokens);
    const pauseTokens = trialSpacingTokens + trialGraceTokens;
    if (tokensToEnd > pauseTokens) {
      const softLimit = { tokens: trialSpacingTokens, graceTokens: trialGraceTokens };
      return { maxTokens: pauseTokens, softLimit, endsInPause: true };
    }
    const maxTokens = Math.max(0, left);
    const softLimit = { tokens: tokensToEnd, graceTokens: Math.min(graceTokens, maxTokens - tokensToEnd) };
    return { maxTokens, softLimit, endsInPause: false };
  }

  /** Takes a trial's tokens out of what is spare, and then out of the thought: the answer keeps all of its own. */
  chargeTrial(tokenCount: number): void {
    const fromSpare = Math.min(tokenCount, this.#spareTokens);
    this.#spareTokens -= fromSpare;
    this.#capTokens -= tokenCount - fromSpare;
  }

  /** Tokens by which the thought may go on because the user wants it to; 0 where nothing is left. No trials then. */
  extend(writtenTokens: number): number {
    const extension = Math.min(extraThoughtTokens(this.#thoughtTokens), this.#spareTokens - cueTokens);
    if (extension <= 0) return 0;
    this.#spareTokens -= extension + cueTokens;
    this.#capTokens = Math.max(this.#capTokens, writtenTokens) + extension;
    this.#pauses = false;
    return extension;
  }
}
