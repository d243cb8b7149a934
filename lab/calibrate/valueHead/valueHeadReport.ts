import { type Interval, ratioOf, Resamples } from '../../numeric/bootstrap.ts';
import { rocArea } from '../../numeric/rocArea.ts';
import { calibrationError, type ReliabilityBin, reliabilityBins } from '../evaluation.ts';
import type { ScoredQuestion } from '../valueSet/packedValueSet.ts';
import { aurocWithinQuestion, logLossNats } from '../valueSet/questionFolds.ts';
import type { HeldOutExample } from './fitValueHead.ts';
import { voteOf } from './valueExamples.ts';
import type { ValuePlace } from '../../../sidecar/reasoning/value/valueFeatures.ts';

/** How well scores part right candidates from wrong ones, each an area under the ROC curve in 0…1. */
export interface Separation {
  readonly overAll: number;
  /** Mean over the questions with both kinds; NaN without any. */
  readonly withinQuestion: number;
}

/** How a head did at the points of one place, on questions that it was not fitted to. */
export interface PlaceReport {
  readonly exampleCount: number;
  readonly correctShare: number;
  /** Mean log-losses in nats. */
  readonly lossNats: number;
  readonly constantLossNats: number;
  /** Loss of the head less that of the constant, with its 95 % interval over questions; below 0 the head is better. */
  readonly gain: Interval | null;
  readonly head: Separation;
  readonly reliability: readonly ReliabilityBin[];
  readonly calibrationError: number;
}

export interface ValueHeadReport {
  readonly questionCount: number;
  readonly places: Readonly<Record<ValuePlace, PlaceReport>>;
  /** What is reached by the share of the question's other candidates that agree with an answer, beside the head's at answers. */
  readonly voteShare: Separation;
}

const bootstrapSeed = 0;

/** Judges a head by its held-out values. Pure; a second for some ten thousand points. */
export function reportOn(
  questions: readonly ScoredQuestion[],
  heldOut: readonly HeldOutExample[],
): ValueHeadReport {
  const resamples = new Resamples(questions.length, bootstrapSeed);
  const placed = (place: ValuePlace): readonly HeldOutExample[] =>
    heldOut.filter((example) => example.place === place);
  const answers = placed('answer');
  const shares = answers.map(({ question, candidate }) => agreeingShare(questions[question], candidate));
  return {
    questionCount: questions.length,
    places: {
      lineEnd: reportOnPlace(placed('lineEnd'), questions.length, resamples),
      answer: reportOnPlace(answers, questions.length, resamples),
    },
    voteShare: separationOf(answers, shares),
  };
}

/**
 * Whether the values at a place were shown to know more than how common right answers are: the whole 95 % interval of the
 * difference of log-losses is below 0.
 */
export function beatsConstantAt({ places }: ValueHeadReport, place: ValuePlace): boolean {
  const { gain } = places[place];
  return gain !== null && gain.high < 0;
}

function reportOnPlace(
  examples: readonly HeldOutExample[],
  questionCount: number,
  resamples: Resamples,
): PlaceReport {
  const weights = new Array<number>(questionCount).fill(0);
  const differences = new Array<number>(questionCount).fill(0);
  let [loss, constantLoss, right, total] = [0, 0, 0, 0];
  for (const { question, value, constant, isCorrect, weight } of examples) {
    const own = weight * logLossNats(value, isCorrect);
    const other = weight * logLossNats(constant, isCorrect);
    loss += own;
    constantLoss += other;
    total += weight;
    if (isCorrect) right += weight;
    weights[question] = (weights[question] ?? 0) + weight;
    differences[question] = (differences[question] ?? 0) + own - other;
  }
  const reliability = reliabilityBins(
    examples.map(({ value, isCorrect }) => ({ confidence: value, isRight: isCorrect })),
  );
  return {
    exampleCount: examples.length,
    correctShare: right / total,
    lossNats: loss / total,
    constantLossNats: constantLoss / total,
    gain: resamples.interval(ratioOf(differences, weights)),
    head: separationOf(
      examples,
      examples.map(({ value }) => value),
    ),
    reliability,
    calibrationError: calibrationError(reliability),
  };
}

function separationOf(examples: readonly HeldOutExample[], scores: readonly number[]): Separation {
  const labels = examples.map(({ isCorrect }) => isCorrect);
  const questions = examples.map(({ question }) => question);
  return {
    overAll: rocArea(scores, labels) ?? NaN,
    withinQuestion: aurocWithinQuestion(questions, scores, labels),
  };
}

function agreeingShare(question: ScoredQuestion | undefined, candidate: number): number {
  const others = question?.candidates.filter((_, index) => index !== candidate) ?? [];
  const own = voteOf(question?.candidates[candidate]);
  return others.filter((other) => voteOf(other) === own).length / Math.max(1, others.length);
}
