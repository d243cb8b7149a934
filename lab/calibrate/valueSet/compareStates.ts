import { CodedError } from '../../../protocol/codedError.ts';
import { logisticRidge, probabilityOf } from '../../numeric/logisticRidge.ts';
import { mean } from '../../../sidecar/numeric/mean.ts';
import { rocArea } from '../../numeric/rocArea.ts';
import { fewestQuestions } from '../../../sidecar/request/losesLittle.ts';
import { standardisationOf, standardised } from '../standardise.ts';
import { basisOf } from './packValueSet.ts';
import { aurocWithinQuestion, dealtFolds, foldCount, logLossNats } from './questionFolds.ts';
import { dequantise, narrowed, quantise, scoresOf } from './valueBasis.ts';
import type { StatedQuestion } from './valueQuestion.ts';

/** How a form of the answers' states did in cross-validation, at the penalty that suits it best. */
export interface StateFormResult {
  readonly form: string;
  /** Size of one state, before compression. */
  readonly bytes: number;
  readonly lambda: number;
  readonly logLossNats: number;
  /** Standard error of the difference of its log-loss to that of whole states, over questions. */
  readonly differenceError: number;
  readonly auroc: number;
  /** Mean over the questions that have both right and wrong candidates. */
  readonly aurocWithinQuestion: number;
}

export interface StateComparison {
  readonly questionCount: number;
  readonly candidateCount: number;
  readonly correctShare: number;
  /** Loss of always saying the share of right candidates. */
  readonly constantLogLossNats: number;
  readonly forms: readonly StateFormResult[];
}

interface Example {
  readonly question: number;
  readonly isCorrect: boolean;
  readonly state: Float32Array;
}

interface Form extends Pick<StateFormResult, 'form' | 'bytes'> {
  /** Inputs, one row for each example. */
  readonly rows: readonly ArrayLike<number>[];
}

const componentCounts = [32, 64, 128, 256] as const;
const lambdas: readonly number[] = [3, 10, 30, 100, 300, 1000, 3000];
/** Stream of the seed that deals questions to folds. */
const foldStream = 1;

/**
 * What a linear head loses when the states at the answers are kept as principal components, and those as 8 or 4 bits:
 * logistic ridge, cross-validated by question, for each form at its best penalty. The components are fitted to all states,
 * as no label takes part in that. Minutes for some thousand candidates. Throws `calibration.unbalanced` for a few questions,
 * or where all answers are right, or all wrong.
 */
export function compareStates(
  questions: readonly StatedQuestion[],
  onForm: (result: StateFormResult) => void,
): StateComparison {
  const examples = questions.flatMap(answersOf);
  const labels = examples.map(({ isCorrect }) => isCorrect);
  const correctShare = mean(labels.map(Number));
  requireBothLabels(questions.length, correctShare);
  const foldOf = dealtFolds(questions.length, foldStream);
  const forms: StateFormResult[] = [];
  let wholeLosses: readonly number[] | null = null;
  for (const { form, bytes, rows } of formsOf(questions, examples)) {
    const best = crossValidated(rows, examples, foldOf);
    const losses = best.probabilities.map((p, i) => logLossNats(p, labels[i] ?? false));
    wholeLosses ??= losses;
    const differences = losses.map((loss, i) => loss - (wholeLosses?.[i] ?? 0));
    const result: StateFormResult = {
      form,
      bytes,
      lambda: best.lambda,
      logLossNats: mean(losses),
      differenceError: errorOver(questions.length, examples, differences),
      auroc: rocArea(best.probabilities, labels) ?? NaN,
      aurocWithinQuestion: aurocWithinQuestion(
        examples.map(({ question }) => question),
        best.probabilities,
        labels,
      ),
    };
    forms.push(result);
    onForm(result);
  }
  return {
    questionCount: questions.length,
    candidateCount: examples.length,
    correctShare,
    constantLogLossNats: mean(labels.map((label) => logLossNats(correctShare, label))),
    forms,
  };
}

function requireBothLabels(questionCount: number, correctShare: number): void {
  if (questionCount >= fewestQuestions && correctShare > 0 && correctShare < 1) return;
  throw new CodedError(
    'calibration.unbalanced',
    `Heads cannot be compared on ${questionCount} questions of which ${(100 * correctShare).toFixed(0)} % of the answers are right: ` +
      `it takes ${fewestQuestions} at least, with right and wrong answers.`,
    'Let the sampling run until some hundred questions are done.',
  );
}

/** Candidates whose last point is an answer, with its state. */
function answersOf({ candidates, states }: StatedQuestion, question: number): readonly Example[] {
  let next = 1;
  return candidates.flatMap(({ points, isCorrect }): readonly Example[] => {
    next += points.length;
    const state = states[next - 1];
    return points.at(-1)?.place === 'answer' && state !== undefined ? [{ question, isCorrect, state }] : [];
  });
}

function* formsOf(
  questions: readonly StatedQuestion[],
  examples: readonly Example[],
): Generator<Form, void, void> {
  const size = examples[0]?.state.length ?? 0;
  yield { form: 'whole', bytes: size * 2, rows: examples.map(({ state }) => state) };
  const counts = componentCounts.filter((count) => count < size);
  // Fitted once: the leading components are the same however many there are.
  const widest = basisOf(questions, { componentCount: Math.max(...counts), bits: 8 });
  const scores = examples.map(({ state }) => scoresOf(state, widest));
  for (const componentCount of counts) {
    yield {
      form: `${componentCount} components`,
      bytes: componentCount * 4,
      rows: scores.map((each) => each.subarray(0, componentCount)),
    };
    for (const bits of [8, 4] as const) {
      const basis = narrowed(widest, { componentCount, bits });
      yield {
        form: `${componentCount} components, ${bits} bits`,
        bytes: (componentCount * bits) / 8,
        rows: scores.map((each) => dequantise(quantise(each, basis), basis)),
      };
    }
  }
}

/** P(right) of each example by heads that were fitted to other questions, at the penalty of the least log-loss. */
function crossValidated(
  rows: readonly ArrayLike<number>[],
  examples: readonly Example[],
  foldOf: readonly number[],
): { readonly lambda: number; readonly probabilities: readonly number[] } {
  const byLambda = lambdas.map((lambda) => ({ lambda, probabilities: examples.map(() => NaN) }));
  for (let fold = 0; fold < foldCount; fold++) {
    const isHeldOut = examples.map(({ question }) => foldOf[question] === fold);
    const training = rows.filter((_, i) => isHeldOut[i] !== true);
    const labels = examples.filter((_, i) => isHeldOut[i] !== true).map(({ isCorrect }) => isCorrect);
    const scale = standardisationOf(training);
    const models = logisticRidge(
      training.map((row) => standardised(row, scale)),
      labels,
      lambdas,
    );
    for (const [i, row] of rows.entries()) {
      if (isHeldOut[i] !== true) continue;
      const input = standardised(row, scale);
      for (const [at, model] of models.entries()) {
        const probabilities = byLambda[at]?.probabilities;
        if (probabilities !== undefined) probabilities[i] = probabilityOf(model, input);
      }
    }
  }
  const lossAt = ({ probabilities }: { readonly probabilities: readonly number[] }): number =>
    mean(probabilities.map((p, i) => logLossNats(p, examples[i]?.isCorrect ?? false)));
  const [first, ...others] = byLambda;
  if (first === undefined) throw new RangeError('There is no penalty to choose from.');
  return others.reduce((best, one) => (lossAt(one) < lossAt(best) ? one : best), first);
}

/** Standard error of a mean over examples whose questions are drawn, not they. */
function errorOver(questionCount: number, examples: readonly Example[], values: readonly number[]): number {
  const centre = mean(values);
  const sums = new Float64Array(questionCount);
  for (const [i, { question }] of examples.entries()) {
    sums[question] = (sums[question] ?? 0) + (values[i] ?? 0) - centre;
  }
  return Math.sqrt(sums.reduce((total, sum) => total + sum * sum, 0)) / examples.length;
}
