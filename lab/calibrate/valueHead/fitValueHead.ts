import { CodedError } from '../../../protocol/codedError.ts';
import { fewestQuestions } from '../../../sidecar/request/losesLittle.ts';
import { mean } from '../../../sidecar/numeric/mean.ts';
import type { ScoredQuestion } from '../valueSet/packedValueSet.ts';
import { foldCount } from '../valueSet/questionFolds.ts';
import { chooseHead, choiceSteps, foldsOf, type ValueHeads, valueBy } from './chooseHead.ts';
import { valueExamplesOf, type ValueExample } from './valueExamples.ts';

/** An example with what heads say of it that never saw its question. */
export interface HeldOutExample extends ValueExample {
  /** P(right), in 0…1. */
  readonly value: number;
  /** Share of right candidates among the questions that those heads were fitted to: what a constant says. */
  readonly constant: number;
}

export interface FittedValueHead {
  /** Fitted to all questions. */
  readonly heads: ValueHeads;
  /** Every example once. */
  readonly heldOut: readonly HeldOutExample[];
  /** Heads that did not see a question, by its number. */
  readonly headsWithout: (question: number) => ValueHeads;
}

/** Streams of the seed that deal questions: to the folds that judge, and to those within them that choose. */
const judgingStream = 2;
const choosingStream = 3;

/** Fits in all, for progress. */
export const fitSteps = (foldCount + 1) * choiceSteps;

/**
 * Fits the value head of a set (a linear probe of the thought's own states, as arXiv 2504.05419), and judges it by nested
 * cross-validation: what is chosen for a question's value, components and penalty included, is chosen without it. The same
 * questions give the same head. Minutes for some thousand candidates. Throws `calibration.unbalanced` for few questions, or
 * where nearly all answers are right, or wrong, and `cancelled`.
 */
export async function fitValueHead(
  questions: readonly ScoredQuestion[],
  onFitted: () => void,
  signal: AbortSignal,
): Promise<FittedValueHead> {
  const examples = questions.flatMap((question, index) => valueExamplesOf(question, index));
  requireBothLabels(questions, examples);
  const folds = foldsOf(examples, judgingStream);
  const options = { stream: choosingStream, onFitted };
  const byFold: ValueHeads[] = [];
  const heldOut: HeldOutExample[] = [];
  for (let fold = 0; fold < foldCount; fold++) {
    const training = examples.filter(({ question }) => folds.get(question) !== fold);
    const heads = await chooseHead(training, options, signal);
    const constants = { lineEnd: shareOf(training, 'lineEnd'), answer: shareOf(training, 'answer') };
    byFold.push(heads);
    for (const example of examples) {
      if (folds.get(example.question) !== fold) continue;
      heldOut.push({ ...example, value: valueBy(heads, example), constant: constants[example.place] });
    }
  }
  const heads = await chooseHead(examples, options, signal);
  return { heads, heldOut, headsWithout: (question) => byFold[folds.get(question) ?? -1] ?? heads };
}

function shareOf(examples: readonly ValueExample[], place: ValueExample['place']): number {
  const those = examples.filter((example) => example.place === place);
  const weight = those.reduce((sum, example) => sum + example.weight, 0);
  return those.reduce((sum, example) => sum + (example.isCorrect ? example.weight : 0), 0) / weight;
}

/** Questions with a right answer, and with a wrong one, that folds within folds need to have some of each. */
const fewestOfEach = 15;

function requireBothLabels(questions: readonly ScoredQuestion[], examples: readonly ValueExample[]): void {
  const answers = examples.filter(({ place }) => place === 'answer');
  const having = (isCorrect: boolean): number =>
    new Set(answers.filter((one) => one.isCorrect === isCorrect).map(({ question }) => question)).size;
  const hasLines = examples.some(({ place }) => place === 'lineEnd');
  if (
    questions.length >= fewestQuestions &&
    Math.min(having(true), having(false)) >= fewestOfEach &&
    hasLines
  )
    return;
  const share = mean(answers.map(({ isCorrect }) => (isCorrect ? 1 : 0)));
  throw new CodedError(
    'calibration.unbalanced',
    `A value head cannot be fitted to ${questions.length} questions of which ${(100 * share).toFixed(0)} % of the answers are ` +
      `right: it takes ${fewestOfEach} questions at least with a right answer, and as many with a wrong one.`,
    'Let the sampling run until some hundred questions are done, of which the model solves some and fails at others.',
  );
}
