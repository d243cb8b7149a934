import type { Alternative, TokenSource } from '../../../protocol/traceEvent.ts';
import { boundEntropy } from '../boundedEntropy.ts';
import type { TokenId, TokenStep } from '../engine.ts';

/** A token as a server gives it. */
export interface ServedToken {
  readonly id: TokenId;
  readonly text: string;
  /** Null where the server gives no probabilities. */
  readonly logprob: number | null;
  /** The most likely tokens, by falling probability; empty where the server gives none. */
  readonly top: readonly Alternative[];
}

/**
 * A step whose entropy is an interval. Varentropy is that of the known probabilities with all others taken as one, and the
 * margin that of the two most likely tokens; 0 where none is known. Pure.
 */
export function boundedStep(
  { id, text, logprob, top }: ServedToken,
  given: {
    readonly vocabularySize: number | null;
    readonly alternatives: number;
    readonly source: TokenSource;
  },
): TokenStep {
  const { lowerNats, upperNats } = boundEntropy(
    top.map((each) => each.logprob),
    { drawn: logprob, vocabularySize: given.vocabularySize },
  );
  const probabilities = top.map((each) => Math.exp(each.logprob));
  const [first = 0, second = 0] = probabilities;
  return {
    id,
    text,
    logprob: logprob ?? unknownLogprob,
    entropyNats: lowerNats,
    entropyUpperNats: upperNats,
    varentropy: varentropyOf(probabilities),
    margin: Math.max(0, first - second),
    alternatives: top.slice(0, given.alternatives),
    source: given.source,
  };
}

/** Taken where a server gives no probabilities: nothing is known to speak against the token. */
const unknownLogprob = 0;

function varentropyOf(probabilities: readonly number[]): number {
  const rest = Math.max(0, 1 - probabilities.reduce((sum, p) => sum + p, 0));
  const pieces = [...probabilities, rest].filter((p) => p > 0);
  const entropy = pieces.reduce((sum, p) => sum - p * Math.log(p), 0);
  return pieces.reduce((sum, p) => sum + p * (-Math.log(p) - entropy) ** 2, 0);
}
