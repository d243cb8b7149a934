import { counted } from '../../../protocol/counted.ts';
import { mean } from '../../numeric/mean.ts';
import type {
  DifficultyEstimate,
  DifficultyEstimator,
  DifficultyEvidence,
} from '../../request/difficultyEstimator.ts';

/** Mean entropy of the probe prefix, in nats, up to which a question counts as easy, and from which as hard. */
export interface EntropyThresholds {
  readonly easyUpToNats: number;
  readonly hardFromNats: number;
}

/**
 * Uncalibrated: set by hand so that ordinary word problems of the default model fall between them, see
 * docs/decisions/difficultyWithoutProbe.md. Calibration replaces both with a probe.
 */
export const uncalibratedThresholds: EntropyThresholds = { easyUpToNats: 0.12, hardFromNats: 0.5 };

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
  const difficulty =
    meanEntropyNats <= thresholds.easyUpToNats
      ? 'easy'
      : meanEntropyNats >= thresholds.hardFromNats
        ? 'hard'
        : 'normal';
  const why =
    `Mean entropy of the first ${counted(entropies.length, 'token')} is ${meanEntropyNats.toFixed(2)} nats ` +
    `(easy up to ${thresholds.easyUpToNats}, hard from ${thresholds.hardFromNats}; uncalibrated).`;
  return { ...rule, difficulty, meanEntropyNats, why };
}
