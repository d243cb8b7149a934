import { CodedError } from '../../protocol/codedError.ts';
import { type DifficultyClass, difficultyClasses } from '../../protocol/traceEvent.ts';
import { seededOrder } from '../../sidecar/numeric/seededOrder.ts';
import {
  type BetaRule,
  difficultyOf,
  type LabelThresholds,
  type QuestionScatter,
  type ShareRule,
  thresholdsOf,
} from './difficultyLabels.ts';
import {
  accuracyOf,
  balancedAccuracyOf,
  calibrationError,
  type ConfusionMatrix,
  confusionOf,
  constantLossNats,
  type Judged,
  majorityClass,
  type ReliabilityBin,
  reliabilityOf,
} from './evaluation.ts';
import { fitProbe, type FittedProbe } from './fitProbe.ts';
import { fitEntropyRule, type FittedEntropyRule, judgeByEntropy } from './fittedEntropyRule.ts';
import { classify } from './probeNetwork.ts';
import { type SampledQuestion, scatterOf } from './sampledQuestion.ts';

/** A question with what its samples made of it. */
export interface LabelledQuestion extends QuestionScatter {
  readonly sampled: SampledQuestion;
  readonly difficulty: DifficultyClass;
  readonly isHeldOut: boolean;
}

/** How often a judge is right. */
export interface JudgeScore {
  /** Share of all questions. */
  readonly accuracy: number;
  /** Mean over the classes of the share of each: a judge that always says the same has one part of them. */
  readonly balancedAccuracy: number;
}

/** How the probe and what it is compared with do on questions that nothing was fitted to. */
export interface Validation {
  readonly questionCount: number;
  readonly confusion: ConfusionMatrix;
  readonly probe: JudgeScore;
  /** Score of always saying what most training questions are. */
  readonly majority: JudgeScore & { readonly difficulty: DifficultyClass };
  /** Score of thresholds on the probe prefix's entropy that were fitted to the same training questions. */
  readonly entropyRule: JudgeScore & FittedEntropyRule;
  readonly reliability: readonly ReliabilityBin[];
  readonly calibrationError: number;
}

export interface Calibration {
  readonly thresholds: LabelThresholds;
  readonly shareRule: ShareRule;
  readonly betaRule: BetaRule;
  readonly questions: readonly LabelledQuestion[];
  readonly probe: FittedProbe;
  /** Log-loss of a constant on the training questions, beside `probe.foldLossNats`. */
  readonly constantLossNats: number;
  readonly validation: Validation;
}

export interface CalibrationOptions {
  readonly seed: number;
  /** Share of questions that nothing is fitted to, above 0 and below 1. */
  readonly heldOutShare: number;
  readonly shareRule: ShareRule;
  readonly betaRule: BetaRule;
  /** Called after each of `trainingCount` trainings. */
  readonly onTrained: () => void;
}

/** Fewer questions than this cannot be parted into folds that say anything. */
const leastQuestions = 20;
/** Stream of the seed that parts training questions from held-out ones. */
const splitStream = 0;

/**
 * Labels sampled questions, fits the probe to a part of them and judges it by the rest. The same seed and samples give
 * the same probe. Throws `calibration.unbalanced` where there are too few questions, or only one class of them, and
 * `cancelled` between two epochs.
 */
export async function calibrateProbe(
  sampled: readonly SampledQuestion[],
  options: CalibrationOptions,
  signal: AbortSignal,
): Promise<Calibration> {
  const { seed, heldOutShare, shareRule, betaRule, onTrained } = options;
  requireEnough(sampled);
  const heldOut = heldOutPlaces(sampled.length, heldOutShare, seed);
  const scatter = sampled.map(scatterOf);
  // Held-out questions have no part in anything that is fitted, thresholds among it.
  const trainingScatter = scatter.filter((_, index) => !heldOut.has(index));
  const thresholds = thresholdsOf(trainingScatter, { shareRule, betaRule });
  const questions = sampled.map((one, index): LabelledQuestion => {
    const { correctShare, meanEntropyNats } = scatterOf(one);
    const difficulty = difficultyOf({ correctShare, meanEntropyNats }, thresholds);
    return { sampled: one, correctShare, meanEntropyNats, difficulty, isHeldOut: heldOut.has(index) };
  });
  const training = questions.filter(({ isHeldOut }) => !isHeldOut);
  requireClasses(training);
  const labelled = training.map(({ sampled: { state }, difficulty }) => ({ state, difficulty }));
  const probe = await fitProbe(labelled, { seed, onTrained }, signal);
  const constant = constantLossNats(training.map(({ difficulty }) => difficulty));
  const validation = validate(questions, probe);
  return { thresholds, shareRule, betaRule, questions, probe, constantLossNats: constant, validation };
}

function validate(questions: readonly LabelledQuestion[], { network }: FittedProbe): Validation {
  const training = questions.filter(({ isHeldOut }) => !isHeldOut);
  const heldOut = questions.filter(({ isHeldOut }) => isHeldOut);
  const judgedBy = (judge: (question: LabelledQuestion) => Omit<Judged, 'actual'>): readonly Judged[] =>
    heldOut.map((question) => ({ actual: question.difficulty, ...judge(question) }));
  const byProbe = judgedBy(({ sampled }) => {
    const probabilities = classify(network, sampled.state);
    const best = probabilities.indexOf(Math.max(...probabilities));
    return { predicted: difficultyClasses[best] ?? 'normal', probabilities };
  });
  const commonest = majorityClass(training.map(({ difficulty }) => difficulty));
  const rule = fitEntropyRule(training.map(openingWithLabel));
  const byEntropy = judgedBy((question) => ({
    predicted: judgeByEntropy(rule, openingWithLabel(question).meanEntropyNats),
    probabilities: null,
  }));
  const reliability = reliabilityOf(byProbe);
  return {
    questionCount: heldOut.length,
    confusion: confusionOf(byProbe),
    probe: scoreOf(byProbe),
    majority: {
      difficulty: commonest,
      ...scoreOf(judgedBy(() => ({ predicted: commonest, probabilities: null }))),
    },
    entropyRule: { ...rule, ...scoreOf(byEntropy) },
    reliability,
    calibrationError: calibrationError(reliability),
  };
}

function scoreOf(judged: readonly Judged[]): JudgeScore {
  const confusion = confusionOf(judged);
  return { accuracy: accuracyOf(confusion), balancedAccuracy: balancedAccuracyOf(confusion) };
}

function openingWithLabel({ sampled, difficulty }: LabelledQuestion) {
  const { openingEntropyNats } = sampled;
  const sum = openingEntropyNats.reduce((total, nats) => total + nats, 0);
  return { meanEntropyNats: sum / Math.max(1, openingEntropyNats.length), difficulty };
}

function heldOutPlaces(count: number, share: number, seed: number): ReadonlySet<number> {
  const held = Math.max(1, Math.round(count * share));
  return new Set(seededOrder(count, seed, splitStream).slice(0, held));
}

/** Throws `calibration.unbalanced` for fewer questions than a probe can be fitted to. */
export function requireEnough(questions: readonly unknown[]): void {
  if (questions.length >= leastQuestions) return;
  throw new CodedError(
    'calibration.unbalanced',
    `A probe cannot be fitted to ${questions.length} questions: it takes ${leastQuestions} at least, and some hundred to be of use.`,
    'Give more questions, or a higher --limit.',
  );
}

function requireClasses(training: readonly LabelledQuestion[]): void {
  const found = new Set(training.map(({ difficulty }) => difficulty));
  if (found.size > 1) return;
  throw new CodedError(
    'calibration.unbalanced',
    `All training questions came out as ${[...found].join()}, so there is nothing for a probe to tell apart.`,
    'Give questions of which the model solves some and fails at others.',
  );
}
