import { counted } from '../../../protocol/counted.ts';
import type { DifficultyClass } from '../../../protocol/traceEvent.ts';
import { mean } from '../../numeric/mean.ts';
import type { Capabilities } from '../../engine/capabilities.ts';
import {
  type DifficultyEstimate,
  type DifficultyEstimator,
  type DifficultyEvidence,
  settled,
} from '../../request/difficultyEstimator.ts';

/** Mean entropy of the probe prefix, in nats, up to which a question counts as easy, and from which as hard. */
export interface EntropyThresholds {
  readonly easyUpToNats: number;
  readonly hardFromNats: number;
  /** Whether they are for entropies that are known as intervals only, by their lower bounds. False when absent. */
  readonly isForBounds?: boolean;
}

/**
 * Uncalibrated: set by hand so that ordinary word problems of the default model fall between them, see
 * docs/decisions/difficultyWithoutProbe.md. Calibration replaces both with a probe.
 */
export const uncalibratedThresholds: EntropyThresholds = { easyUpToNats: 0.12, hardFromNats: 0.5 };

/**
 * Thresholds for lower bounds of an entropy, which is all that a server gives: those of exact entropies times 0.97, the median of lower
 * bound ÷ exact entropy on 150 questions of gsm8k-calibrate, with ten alternatives and Qwen2.5-Coder 0.5B (`bench reasoning --only
 * bounds`). Of 150 questions of gsm8k-bench 0.98 are judged as by the exact entropy; with the thresholds of exact entropies 0.95.
 */
export const boundThresholds: EntropyThresholds = {
  easyUpToNats: 0.116,
  hardFromNats: 0.485,
  isForBounds: true,
};

/** Tokens that the rule reads; fewer where the budget is small. */
export const probePrefixTokens = 32;
/** A model that reaches its answer in fewer tokens than this had nothing to think about. */
const thoughtlessBelowTokens = 16;

/** Difficulty from the mean entropy of the first generated tokens. Serves where no probe was calibrated. */
export function entropyRule(thresholds: EntropyThresholds): DifficultyEstimator {
  return {
    readsPromptState: false,
    probePrefixTokens: () => probePrefixTokens,
    estimate: (evidence) => Promise.resolve(decide(evidence, thresholds)),
    dispose: () => Promise.resolve(),
  };
}

function decide(evidence: DifficultyEvidence, thresholds: EntropyThresholds): DifficultyEstimate {
  const entropies = evidence.probePrefixEntropyNats.slice(0, probePrefixTokens);
  const features = { openingTokenCount: entropies.length };
  const rule = { source: 'entropyRule', probabilities: null, features } as const;
  if (entropies.length === 0) {
    const why = 'There was no token to judge by (uncalibrated).';
    return { ...rule, difficulty: 'normal', meanEntropyNats: null, why };
  }
  const meanEntropyNats = mean(entropies);
  if (evidence.hasEnded && entropies.length < thoughtlessBelowTokens) {
    const why = `The model reached its answer within ${counted(entropies.length, 'token')} (uncalibrated).`;
    return { ...rule, difficulty: 'easy', meanEntropyNats, why };
  }
  const difficulty = classOf(meanEntropyNats, thresholds);
  const is = thresholds.isForBounds === true ? 'is at least' : 'is';
  const why =
    `Mean entropy of the first ${counted(entropies.length, 'token')} ${is} ${meanEntropyNats.toFixed(2)} nats ` +
    `(easy up to ${thresholds.easyUpToNats}, hard from ${thresholds.hardFromNats}; uncalibrated).`;
  return { ...rule, difficulty, meanEntropyNats, why };
}

/** The class of a mean entropy. Pure. */
export function classOf(nats: number, { easyUpToNats, hardFromNats }: EntropyThresholds): DifficultyClass {
  if (nats <= easyUpToNats) return 'easy';
  return nats >= hardFromNats ? 'hard' : 'normal';
}

/**
 * The judge of difficulty that an engine allows: the model's own where entropies are exact, the rule with thresholds of its own
 * where they are intervals, and none where there are no probabilities.
 */
export function estimatorFor(
  own: DifficultyEstimator,
  { entropy, alternatives }: Pick<Capabilities, 'entropy' | 'alternatives'>,
): DifficultyEstimator {
  if (entropy === 'exact') return own;
  return alternatives > 0 ? entropyRule(boundThresholds) : unjudged;
}

const unjudged = settled({
  difficulty: 'normal',
  source: 'entropyRule',
  probabilities: null,
  meanEntropyNats: null,
  features: {},
  why: 'The server gives no probabilities, so how hard it is was not judged.',
});
