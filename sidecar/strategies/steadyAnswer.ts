import { extractAnswer } from '../selection/answerExtraction.ts';
import { trialSpacingTokens } from './thoughtAllowance.ts';

/** Mean entropy below which the model is only going over what it knows: our choice. In nats. */
const steadyEntropyNats = 0.15;

/** The ends of a thought's sentences as they come, a stretch of tokens apart. */
export interface ThoughtSoFar {
  readonly text: string;
  /** Of every generated token. */
  readonly entropyNats: readonly number[];
}

/**
 * Notices that a thought has come to its answer and does no more than go over it: the same answer can be read from it at
 * the ends of two stretches in a row, and the model was sure of all that it wrote between them. Costs no token (ours).
 */
export class SteadyAnswer {
  #before: string | null = null;

  /** To be told at each pause. Returns the answer that the thought can end with, in canonical form, else null. */
  see({ text, entropyNats }: ThoughtSoFar): string | null {
    const answer = extractAnswer(text)?.canonical ?? null;
    const isHeld = answer !== null && answer === this.#before;
    this.#before = answer;
    return isHeld && meanOfLast(entropyNats, trialSpacingTokens) < steadyEntropyNats ? answer : null;
  }
}

function meanOfLast(values: readonly number[], count: number): number {
  const last = values.slice(-count);
  return last.reduce((sum, value) => sum + value, 0) / Math.max(1, last.length);
}
