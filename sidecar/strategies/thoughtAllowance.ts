import { cueTokens, extensionOf, thoughtLimit, type CandidateLimits } from './candidateLimits.ts';
import { mostTrialTokens } from './trialAnswer.ts';

/** Thought tokens between two trial answers at least: a trial costs a tenth to a half of that. Our choice. */
export const trialSpacingTokens = 48;
/** Tokens behind the spacing within which a sentence may end, which is where a trial is made. */
const trialGraceTokens = 32;

/** The stop rules of the next stretch of a thought. */
export interface ThoughtStretch {
  readonly maxTokens: number;
  readonly softLimit: { readonly tokens: number; readonly graceTokens: number };
  /** Whether its soft limit is a place to try an answer, and not the thought's cap. */
  readonly endsInTrial: boolean;
}

/**
 * How much longer one thought may get: its cap, what is left beside the cap for a user who asks for more, and where
 * it pauses for trial answers. Pure bookkeeping in tokens; the caller says how many are written.
 */
export class ThoughtAllowance {
  readonly #thoughtTokens: number;
  #capTokens: number;
  #spareTokens: number;
  #pausesForTrials: boolean;

  constructor(
    { thoughtTokens, spareTokens }: Pick<CandidateLimits, 'thoughtTokens' | 'spareTokens'>,
    { pausesForTrials }: { readonly pausesForTrials: boolean },
  ) {
    this.#thoughtTokens = thoughtTokens;
    this.#capTokens = thoughtTokens;
    this.#spareTokens = spareTokens;
    this.#pausesForTrials = pausesForTrials;
  }

  /** Behind so many written tokens. No trial is worth its tokens where the cap is near. */
  stretch(writtenTokens: number): ThoughtStretch {
    const left = this.#capTokens - writtenTokens;
    const pauseTokens = trialSpacingTokens + trialGraceTokens;
    if (!this.#pausesForTrials || left <= pauseTokens + mostTrialTokens)
      return { ...thoughtLimit(left), endsInTrial: false };
    const softLimit = { tokens: trialSpacingTokens, graceTokens: trialGraceTokens };
    return { maxTokens: pauseTokens, softLimit, endsInTrial: true };
  }

  /** Takes a trial's tokens out of what is spare, and then out of the thought: the answer keeps all of its own. */
  chargeTrial(tokenCount: number): void {
    const fromSpare = Math.min(tokenCount, this.#spareTokens);
    this.#spareTokens -= fromSpare;
    this.#capTokens -= tokenCount - fromSpare;
  }

  /** Tokens by which the thought may go on because the user wants it to; 0 where nothing is left. No trials then. */
  extend(writtenTokens: number): number {
    const extension = Math.min(extensionOf(this.#thoughtTokens), this.#spareTokens - cueTokens);
    if (extension <= 0) return 0;
    this.#spareTokens -= extension + cueTokens;
    this.#capTokens = Math.max(this.#capTokens, writtenTokens) + extension;
    this.#pausesForTrials = false;
    return extension;
  }
}
