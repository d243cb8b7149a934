import { mean } from '../../numeric/mean.ts';
import { extractAnswer } from '../answers/answerExtraction.ts';
import { trialSpacingTokens } from './thoughtAllowance.ts';

/** Mean entropy below which the model is only going over what it knows: our choice. In nats. */
const steadyEntropyNats = 0.15;

/** A thought at a pause. */
export interface ThoughtSoFar {
  readonly text: string;
  /** Entropy of every generated token. */
  readonly entropyNats: readonly number[];
}

/**
 * Notices that a thought has come to its answer and does no more than go over it: the same answer can be read from it at
 * the ends of two stretches in a row, and the model was sure, on average, of the last tokens before the second, as many as a
 * stretch has at least. Costs no token (ours).
 */
export class SteadyAnswer {
  #before: string | null = null;

  /** To be called at each pause. Returns the answer that the thought can end with, in canonical form, else null. */
  readThought({ text, entropyNats }: ThoughtSoFar): string | null {
    return this.takeAnswer(extractAnswer(text)?.canonical ?? null, entropyNats);
  }

  /** To be called instead for a thought from which no answer can be read: `answer` is what a trial gave at the pause. */
  takeAnswer(answer: string | null, entropyNats: readonly number[]): string | null {
    const isHeld = answer !== null && answer === this.#before;
    this.#before = answer;
    return isHeld && mean(entropyNats.slice(-trialSpacingTokens)) < steadyEntropyNats ? answer : null;
  }
}
